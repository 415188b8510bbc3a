// What one or several panes look through: how large, at which part, how often the tile is repeated, and whether it is
// shifted by half of itself. Lengths are the screen's own pixels, places are pixels of the texture. Event: "change".

/** @import { Shape, Spot } from "../types" */

const LARGEST = 32; // screen pixels for a pixel of the texture
/** @param {number} value @param {number} least @param {number} most */
const clamp = (value, least, most) => Math.min(most, Math.max(least, value));

export class Lens extends EventTarget {
  /** @type {number | null} screen pixels for each pixel of the texture; null: as many as let one see all of it */
  zoom = null;
  x = 0; // what is in the middle of each pane, counted from the middle of the picture
  y = 0;
  columns = 1;
  rows = 1;
  shifted = false; // by half a tile, across and down: the seams are in the middle
  #shape = { width: 1, height: 1 };

  /** @param {Shape} shape of one tile of the largest picture. */
  setShape(shape) {
    if (shape.width === this.#shape.width && shape.height === this.#shape.height) return;
    this.#shape = shape;
    this.#changed();
  }

  /** @param {number} columns */
  repeat(columns, rows = columns) {
    if (columns === this.columns && rows === this.rows) return;
    [this.columns, this.rows] = [columns, rows];
    this.fit();
  }

  /** @param {boolean} shifted */
  shift(shifted) {
    if (shifted === this.shifted) return;
    this.shifted = shifted;
    this.#changed();
  }

  /**
   * Screen pixels for each pixel of the texture in a room of that many screen pixels.
   * @param {Shape} room
   */
  scaleIn(room) {
    return this.zoom ?? this.#fitting(room);
  }

  /**
   * Where all of a picture with tiles of this shape is in a room, and how large one tile.
   * @param {Shape} room
   * @param {Shape} shape
   */
  placeIn(room, shape) {
    const scale = this.scaleIn(room);
    const tile = { width: shape.width * scale, height: shape.height * scale };
    const [width, height] = [tile.width * this.columns, tile.height * this.rows];
    const left = Math.round(room.width / 2 - this.x * scale - width / 2);
    const top = Math.round(room.height / 2 - this.y * scale - height / 2);
    return { left, top, width: Math.round(width), height: Math.round(height), tile };
  }

  /** Everything at once, as large as there is room. */
  fit() {
    [this.zoom, this.x, this.y] = [null, 0, 0];
    this.#changed();
  }

  /** One pixel of the texture is one pixel of the screen. */
  showTruePixels() {
    this.zoom = 1;
    this.#changed();
  }

  /**
   * Larger by `factor`; what is at `point`, counted from the middle of the room, stays where it is.
   * @param {number} factor
   * @param {Shape} room
   * @param {Spot} point
   */
  zoomBy(factor, room, point = { x: 0, y: 0 }) {
    this.#zoomTo(this.scaleIn(room) * factor, room, point);
  }

  /**
   * From all of it to its pixels, and back.
   * @param {Shape} room
   * @param {Spot} point
   */
  toggle(room, point) {
    const fitting = this.#fitting(room);
    if (this.zoom === null) this.#zoomTo(fitting < 1 ? 1 : Math.ceil(1.5 * fitting), room, point);
    else this.fit();
  }

  /**
   * Moves the picture by so many screen pixels.
   * @param {Shape} room
   * @param {number} dx
   * @param {number} dy
   */
  pan(room, dx, dy) {
    const scale = this.scaleIn(room);
    this.#lookAt(this.x - dx / scale, this.y - dy / scale, room);
    this.#changed();
  }

  /**
   * Whether there is more of the picture than the room shows.
   * @param {Shape} room
   */
  canPan(room) {
    const { width, height } = this.#whole;
    const scale = this.scaleIn(room);
    return width * scale > room.width + 1 || height * scale > room.height + 1;
  }

  get #whole() {
    return { width: this.#shape.width * this.columns, height: this.#shape.height * this.rows };
  }

  /**
   * As large as there is room, in whole screen pixels for each tile.
   * @param {Shape} room
   */
  #fitting(room) {
    const [{ width, height }, across] = [this.#whole, this.#shape.width];
    const scale = Math.min(room.width / width, room.height / height);
    return Math.max(1, Math.floor(across * scale)) / across;
  }

  /** @param {number} scale @param {Shape} room @param {Spot} point */
  #zoomTo(scale, room, point) {
    const [before, fitting] = [this.scaleIn(room), this.#fitting(room)];
    const after = clamp(scale, Math.min(1, fitting), LARGEST);
    const [x, y] = [this.x + point.x / before - point.x / after, this.y + point.y / before - point.y / after];
    this.zoom = Math.abs(after / fitting - 1) < 0.01 ? null : after;
    this.#lookAt(x, y, room);
    this.#changed();
  }

  /**
   * As far as there is something to see there.
   * @param {number} x
   * @param {number} y
   * @param {Shape} room
   */
  #lookAt(x, y, room) {
    const { width, height } = this.#whole;
    const scale = this.scaleIn(room);
    const [across, down] = [room.width / scale, room.height / scale];
    /** @param {number} whole @param {number} seen */
    const most = (whole, seen) => Math.max(0, (whole - seen) / 2);
    this.x = clamp(x, -most(width, across), most(width, across));
    this.y = clamp(y, -most(height, down), most(height, down));
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
