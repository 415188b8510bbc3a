// The large picture: one tile, repeated n × n, drawn at the screen's own resolution.

/**
 * Paints `bitmap` repeated columns × rows. A pattern is filtered across the border of the tile; copies drawn side by
 * side would not be, and would show seams that are not there.
 */
export function paint(canvas, bitmap, columns, rows) {
  const pen = canvas.getContext("2d");
  const pattern = pen.createPattern(bitmap, "repeat");
  const [x, y] = [canvas.width / columns / bitmap.width, canvas.height / rows / bitmap.height];
  pattern.setTransform(new DOMMatrix([x, 0, 0, y, 0, 0]));
  pen.imageSmoothingEnabled = true;
  pen.imageSmoothingQuality = "high";
  pen.fillStyle = pattern;
  pen.fillRect(0, 0, canvas.width, canvas.height);
}

/** Gives a canvas the largest size that fits a room, in whole screen pixels for each tile. */
export function fit(canvas, room, shape, columns, rows) {
  const density = window.devicePixelRatio || 1;
  const scale = Math.min(room.width / (shape.width * columns), room.height / (shape.height * rows)) * density;
  const width = Math.max(1, Math.floor(shape.width * scale)) * columns;
  const height = Math.max(1, Math.floor(shape.height * scale)) * rows;
  if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
  canvas.style.width = `${width / density}px`;
  canvas.style.height = `${height / density}px`;
}

export class Stage {
  #canvas;
  #room;
  #over;
  /** @type {ImageBitmap | null} */
  #bitmap = null;
  #shape = { width: 1, height: 1 };
  #wanted = false;
  repeat = 1;

  /** @param over an element that lies on the canvas and is kept as large. */
  constructor(canvas, room, over) {
    this.#canvas = canvas;
    this.#room = room;
    this.#over = over;
    new ResizeObserver(() => this.draw()).observe(room);
  }

  /** Shows a bitmap as a tile of this shape; the bitmap itself may be coarser. */
  show(bitmap, shape) {
    this.#bitmap = bitmap;
    this.#shape = shape;
    this.draw();
  }

  /** An empty plate of this shape, until there is a picture. */
  clear(shape) {
    this.show(null, shape);
  }

  setRepeat(times) {
    this.repeat = times;
    this.draw();
  }

  draw() {
    if (this.#wanted) return;
    this.#wanted = true;
    requestAnimationFrame(() => {
      this.#wanted = false;
      this.#drawNow();
    });
  }

  #drawNow() {
    const room = this.#room.getBoundingClientRect();
    if (!room.width || !room.height) return;
    fit(this.#canvas, room, this.#shape, this.repeat, this.repeat);
    [this.#over.style.width, this.#over.style.height] = [this.#canvas.style.width, this.#canvas.style.height];
    // A closed bitmap has no width: its successor is on the way.
    if (this.#bitmap?.width) paint(this.#canvas, this.#bitmap, this.repeat, this.repeat);
    else if (!this.#bitmap) this.#canvas.getContext("2d").clearRect(0, 0, this.#canvas.width, this.#canvas.height);
  }
}
