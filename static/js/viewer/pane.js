// A canvas that shows a picture through a lens, which others may look through too.

/**
 * @import { Shape, Spot } from "../types"
 * @import { Lens } from "./lens.js"
 * @typedef {ReturnType<Lens["placeIn"]>} Place
 */

export class Pane {
  #canvas;
  #room;
  #lens;
  #over;
  /** @type {ImageBitmap | null} */
  #bitmap = null;
  #shape = { width: 1, height: 1 };
  #wanted = false;
  #ended = new AbortController();

  /**
   * @param {HTMLCanvasElement} canvas fills the element around it.
   * @param {Lens} lens
   * @param {HTMLElement | null} over lies on the picture, and is kept where it is; its background is laid as the tiles.
   */
  constructor(canvas, lens, over = null) {
    this.#canvas = canvas;
    this.#room = /** @type {HTMLElement} */ (canvas.parentElement);
    this.#lens = lens;
    this.#over = over;
    this.follow(() => this.draw());
    new ResizeObserver(() => this.draw()).observe(this.#room);
  }

  /**
   * Calls `seen` when the lens has changed, for as long as the pane looks through it: the lens outlives the pane.
   * @param {() => void} seen
   */
  follow(seen) {
    this.#lens.addEventListener("change", seen, { signal: this.#ended.signal });
  }

  /**
   * Shows a bitmap as a tile of this shape; the bitmap itself may be coarser. Null: there is nothing to show.
   * @param {ImageBitmap | null} bitmap
   * @param {Shape} shape
   */
  show(bitmap, shape) {
    this.#bitmap = bitmap;
    this.#shape = shape;
    this.draw();
  }

  /** Its room in the screen's own pixels. */
  get room() {
    const density = window.devicePixelRatio || 1;
    const { clientWidth: width, clientHeight: height } = this.#room;
    return { width: Math.round(width * density), height: Math.round(height * density) };
  }

  /**
   * Where a pointer is: screen pixels from the middle of the room.
   * @param {{ clientX: number, clientY: number }} pointer
   * @returns {Spot}
   */
  place({ clientX, clientY }) {
    const density = window.devicePixelRatio || 1;
    const { left, top, width, height } = this.#room.getBoundingClientRect();
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
    const place = this.#lens.placeIn(room, this.#shape);
    if (this.#over) this.#lay(this.#over, place);
    if (this.#bitmap && !this.#bitmap.width) return; // closed: its successor is on the way
    if (canvas.width !== room.width || canvas.height !== room.height)
      [canvas.width, canvas.height] = [room.width, room.height];
    const density = window.devicePixelRatio || 1;
    [canvas.style.width, canvas.style.height] = [`${room.width / density}px`, `${room.height / density}px`];
    const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    pen.clearRect(0, 0, room.width, room.height);
    if (this.#bitmap) this.#paint(pen, this.#bitmap, place);
  }

  /**
   * Pixels are shown as such where one has zoomed in on them; what was only made to fit its room is filtered.
   * @param {Place} place
   */
  #isCrisp({ tile }) {
    const { width } = this.#bitmap ?? this.#shape;
    return this.#lens.zoom !== null && tile.width > width && width >= this.#shape.width;
  }

  /**
   * The tile repeated: as a pattern, which is filtered across the tile's border, where copies would show a seam.
   * @param {CanvasRenderingContext2D} pen
   * @param {ImageBitmap} bitmap
   * @param {Place} place
   */
  #paint(pen, bitmap, place) {
    const { left, top, width, height, tile } = place;
    const pattern = /** @type {CanvasPattern} */ (pen.createPattern(bitmap, "repeat"));
    const part = this.#lens.shifted ? 0.5 : 0;
    const matrix = new DOMMatrix([tile.width / bitmap.width, 0, 0, tile.height / bitmap.height, left, top]);
    pattern.setTransform(matrix.translate(part * bitmap.width, part * bitmap.height));
    pen.imageSmoothingEnabled = !this.#isCrisp(place);
    pen.imageSmoothingQuality = "high";
    pen.fillStyle = pattern;
    pen.fillRect(left, top, width, height);
  }

  /** @param {HTMLElement} over @param {Place} place */
  #lay({ style }, place) {
    const { left, top, width, height, tile } = place;
    /** @param {number} pixels */
    const length = (pixels) => `${pixels / (window.devicePixelRatio || 1)}px`;
    const part = this.#lens.shifted ? 0.5 : 0;
    [style.left, style.top, style.width, style.height] = [left, top, width, height].map(length);
    style.backgroundSize = `${length(tile.width)} ${length(tile.height)}`;
    style.backgroundPosition = `${length(part * tile.width)} ${length(part * tile.height)}`;
    style.imageRendering = this.#isCrisp(place) ? "pixelated" : "auto";
  }
}
