// Which style goes where: a number for each pixel of a mask, and its picture.

export const UNDOS = 20;

/** Red, green and blue, 0..255, of the first to the last style. @param palette their colours, #rrggbb, by name. */
const coloursOf = (palette) =>
  Object.values(palette).map((hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)));

/** The same place on a torus. */
const around = (place, side) => ((place % side) + side) % side;

/**
 * A colour as one number, the way that a picture's bytes lie in memory.
 * @param {number[]} colour
 */
const packed = ([red, green, blue], alpha) => ((alpha << 24) | (blue << 16) | (green << 8) | red) >>> 0;

/** The style whose colour is nearest, as the method will take it. */
function nearest(colour, colours) {
  const levels = [colour & 255, (colour >> 8) & 255, (colour >> 16) & 255];
  const distances = colours.map((one) => one.reduce((sum, level, at) => sum + (level - levels[at]) ** 2, 0));
  return distances.indexOf(Math.min(...distances));
}

export class Regions {
  #past = [];
  #colours;
  #wraps;

  /** All of it the first style's, number 0. @param wraps whether strokes go on at the other side, across and down. */
  constructor(width, height, palette, wraps = [false, false]) {
    this.#colours = coloursOf(palette);
    this.#wraps = wraps;
    this.width = width;
    this.height = height;
    this.styles = new Uint8Array(width * height);
  }

  /** From here Undo leads back to what it is now. */
  mark() {
    this.#past = [...this.#past.slice(1 - UNDOS), this.styles.slice()];
  }

  undo() {
    this.styles = this.#past.pop() ?? this.styles;
  }

  fill(style) {
    this.styles.fill(style);
  }

  has(style) {
    return this.styles.includes(style);
  }

  /** A line with round ends from one point to another, {x, y} in pixels. */
  stroke(from, to, radius, style) {
    const [dx, dy] = [to.x - from.x, to.y - from.y];
    const length = dx * dx + dy * dy || 1;
    const [left, right] = this.#reach(from.x, to.x, radius, this.width, this.#wraps[0]);
    const [top, bottom] = this.#reach(from.y, to.y, radius, this.height, this.#wraps[1]);
    for (let y = top; y <= bottom; y += 1)
      for (let x = left; x <= right; x += 1) {
        const along = Math.min(1, Math.max(0, ((x - from.x) * dx + (y - from.y) * dy) / length));
        const [aside, below] = [x - from.x - along * dx, y - from.y - along * dy];
        if (aside * aside + below * below > radius * radius) continue;
        this.styles[around(y, this.height) * this.width + around(x, this.width)] = style;
      }
  }

  /** The first and the last row, or column, that a stroke may touch. */
  #reach(from, to, radius, side, wraps) {
    const [first, last] = [Math.floor(Math.min(from, to) - radius), Math.max(from, to) + radius];
    return wraps ? [first, last] : [Math.max(0, first), Math.min(side - 1, last)];
  }

  /** Takes over a picture of the same size. @param picture as ImageData. */
  read(picture) {
    const known = new Map();
    new Uint32Array(picture.data.buffer).forEach((colour, at) => {
      if (!known.has(colour)) known.set(colour, nearest(colour, this.#colours));
      this.styles[at] = known.get(colour);
    });
  }

  /** As ImageData, in the colours of the styles. */
  picture(alpha) {
    const picture = new ImageData(this.width, this.height);
    const palette = this.#colours.map((colour) => packed(colour, alpha));
    const pixels = new Uint32Array(picture.data.buffer);
    this.styles.forEach((style, at) => (pixels[at] = palette[style]));
    return picture;
  }
}
