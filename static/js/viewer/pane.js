// A canvas that shows a picture through a lens that others look through too.

const SHARP = 3; // zoomed to so many screen pixels for a pixel, one wants to see the pixels themselves

export class Pane {
  #canvas;
  #lens;
  /** @type {ImageBitmap | null} */
  #bitmap = null;
  #shape = { width: 1, height: 1 };
  #wanted = false;
  #ended = new AbortController();

  /** @param canvas fills the element around it. */
  constructor(canvas, lens) {
    this.#canvas = canvas;
    this.#lens = lens;
    this.follow(() => this.draw());
    new ResizeObserver(() => this.draw()).observe(canvas.parentElement);
  }

  /** Calls `seen` when the lens has changed, for as long as the pane looks through it: the lens outlives the pane. */
  follow(seen) {
    this.#lens.addEventListener("change", seen, { signal: this.#ended.signal });
  }

  /** Shows a bitmap as a tile of this shape; the bitmap itself may be coarser. Null: there is nothing to show. */
  show(bitmap, shape) {
    this.#bitmap = bitmap;
    this.#shape = shape;
    this.draw();
  }

  /** Its room in the screen's own pixels. */
  get room() {
    const density = window.devicePixelRatio || 1;
    const { clientWidth: width, clientHeight: height } = this.#canvas.parentElement;
    return { width: Math.round(width * density), height: Math.round(height * density) };
  }

  /** Where a pointer is: screen pixels from the middle of the room. */
  place({ clientX, clientY }) {
    const density = window.devicePixelRatio || 1;
    const { left, top, width, height } = this.#canvas.parentElement.getBoundingClientRect();
    return { x: (clientX - left - width / 2) * density, y: (clientY - top - height / 2) * density };
  }

  /** It looks through the lens no longer. */
  discard() {
    this.#ended.abort();
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
    const [canvas, room] = [this.#canvas, this.room];
    if (!room.width || !room.height) return;
    if (this.#bitmap && !this.#bitmap.width) return; // closed: its successor is on the way
    if (canvas.width !== room.width || canvas.height !== room.height)
      [canvas.width, canvas.height] = [room.width, room.height];
    const pen = canvas.getContext("2d");
    pen.clearRect(0, 0, room.width, room.height);
    if (this.#bitmap) this.#paint(pen, this.#bitmap, room);
  }

  /** The tile repeated: as a pattern, which is filtered across the tile's border, where copies would show a seam. */
  #paint(pen, bitmap, room) {
    const [shape, { x, y, repeat }] = [this.#shape, this.#lens];
    const scale = this.#lens.scaleIn(room);
    const [width, height] = [shape.width * repeat * scale, shape.height * repeat * scale];
    const left = Math.round(room.width / 2 - x * scale - width / 2);
    const top = Math.round(room.height / 2 - y * scale - height / 2);
    const [across, down] = [(scale * shape.width) / bitmap.width, (scale * shape.height) / bitmap.height];
    const pattern = pen.createPattern(bitmap, "repeat");
    pattern.setTransform(new DOMMatrix([across, 0, 0, down, left, top]));
    pen.imageSmoothingEnabled = this.#lens.zoom === null || scale < SHARP || bitmap.width < shape.width;
    pen.imageSmoothingQuality = "high";
    pen.fillStyle = pattern;
    pen.fillRect(left, top, Math.round(width), Math.round(height));
  }
}
