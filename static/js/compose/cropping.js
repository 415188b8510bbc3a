// Where a crop may lie on a picture that is turned beneath it: inside, so that nothing has to be invented.
// A crop is {left, top, right, bottom} in pixels from the middle of the picture; a picture here is {width, height, angle}: as
// quarter turns have left it, and by how many degrees it is turned further, clockwise. The server has the same rule.

/** @import { Shape, Spot } from "../types" */

/**
 * @typedef {{ left: number, top: number, right: number, bottom: number }} Crop
 * @typedef {Shape & { angle: number }} Turned
 * @typedef {{ x: number, y: number, width: number, height: number }} Rectangle in whole pixels, as the API takes it
 */

const ROUNDING = 1e-6; // pixels by which a sum of fractions may miss a whole number

const between = (value, least, most) => Math.min(most, Math.max(least, value));

function waves(degrees) {
  const radians = (degrees * Math.PI) / 180;
  return { cos: Math.cos(radians), sin: Math.sin(radians) };
}

/** @returns {Spot} the point after a turn about the middle, clockwise */
function rotated({ x, y }, degrees) {
  const { cos, sin } = waves(degrees);
  return { x: x * cos - y * sin, y: x * sin + y * cos };
}

/** @returns {Shape} that of the smallest upright rectangle around something which is turned */
export function frameOf({ width, height }, angle) {
  const { cos, sin } = waves(Math.abs(angle));
  return { width: width * cos + height * sin, height: width * sin + height * cos };
}

/** @param {Crop} crop */
const middleOf = ({ left, top, right, bottom }) => ({ x: (left + right) / 2, y: (top + bottom) / 2 });

/** @param {Crop} crop */
const sizeOf = ({ left, top, right, bottom }) => ({ width: right - left, height: bottom - top });

/** @returns {Crop} */
const about = ({ x, y }, { width, height }) => ({
  left: x - width / 2,
  top: y - height / 2,
  right: x + width / 2,
  bottom: y + height / 2,
});

/**
 * As far as one comes from a crop inside the picture on the way to another one.
 * @param {Crop} from
 * @param {Crop} to
 * @param {Turned} picture
 * @returns {Crop}
 */
function toward(from, to, picture) {
  const corners = [from, to].map(({ left, top, right, bottom }) =>
    [left, right].flatMap((x) => [top, bottom].map((y) => rotated({ x, y }, -picture.angle))),
  );
  const [here, there] = corners.map((spots) => spots.flatMap(({ x, y }) => [x, -x, y, -y]));
  const edges = [picture.width / 2, picture.width / 2, picture.height / 2, picture.height / 2];
  const shares = here.map((start, at) => {
    const [end, edge] = [there[at], edges[at % 4]];
    return end > edge ? Math.max(0, (edge - start) / (end - start)) : 1;
  });
  const share = Math.min(1, ...shares);
  const mixed = (side) => from[side] + share * (to[side] - from[side]);
  return { left: mixed("left"), top: mixed("top"), right: mixed("right"), bottom: mixed("bottom") };
}

/**
 * The crop about its own middle, reduced until it is inside.
 * @param {Crop} crop
 * @param {Turned} picture
 */
const reduced = (crop, picture) => toward(about(middleOf(crop), { width: 0, height: 0 }), crop, picture);

/**
 * All of the picture, as far as it goes into an upright rectangle of its shape.
 * @param {Turned} picture
 */
export const whole = (picture) => reduced(about({ x: 0, y: 0 }, picture), picture);

/**
 * The largest square in the middle of a crop.
 * @param {Crop} crop
 */
export function squared(crop) {
  const { width, height } = sizeOf(crop);
  const side = Math.min(width, height);
  return about(middleOf(crop), { width: side, height: side });
}

/**
 * The crop about the same place of the picture when that is turned to another angle.
 * @param {Crop} crop
 * @param {Turned} picture
 * @param {number} angle
 */
export function straightened(crop, picture, angle) {
  const middle = rotated(middleOf(crop), angle - picture.angle);
  return reduced(about(middle, sizeOf(crop)), { ...picture, angle });
}

/**
 * The same part of the picture after a quarter turn.
 * @param {Crop} crop
 * @returns {Crop}
 */
export const turned = ({ left, top, right, bottom }, clockwise) =>
  clockwise
    ? { left: -bottom, top: left, right: -top, bottom: right }
    : { left: top, top: -right, right: bottom, bottom: -left };

/**
 * The crop moved, as far as the picture's edges let it, and along them.
 * @param {Crop} crop
 * @param {Spot} by
 * @param {Turned} picture
 */
export function moved(crop, by, picture) {
  const { x, y } = middleOf(crop);
  const to = rotated({ x: x + by.x, y: y + by.y }, -picture.angle);
  const needs = frameOf(sizeOf(crop), picture.angle);
  const [across, down] = [(picture.width - needs.width) / 2, (picture.height - needs.height) / 2].map((room) =>
    Math.max(0, room),
  );
  return about(
    rotated({ x: between(to.x, -across, across), y: between(to.y, -down, down) }, picture.angle),
    sizeOf(crop),
  );
}

/**
 * One side of a crop and the one opposite, the side moved; `way` is -1 for the left or upper one, 1 for the other, 0 for none.
 * @returns {[number, number]}
 */
function pulled([low, high], way, by, least) {
  const smallest = Math.min(least, high - low); // straightening may have made it smaller
  if (way < 0) return [Math.min(low + by, high - smallest), high];
  return way > 0 ? [low, Math.max(high + by, low + smallest)] : [low, high];
}

/** A side grown or shrunk to a length: away from the one opposite, or from the middle. */
function sized([low, high], way, length) {
  const spare = length - (high - low);
  return way < 0 ? [low - spare, high] : way > 0 ? [low, high + spare] : [low - spare / 2, high + spare / 2];
}

/**
 * The crop after one of its handles was moved, as far as the picture's edges let it, and along them.
 * @param {Crop} crop
 * @param {Spot} way which handle: {x: -1, y: 0} is in the middle of the left side
 * @param {Spot} by
 * @param {Turned} picture
 * @param {{ square: boolean, least: number }} rule least: pixels a side
 */
export function resized(crop, way, by, picture, { square, least }) {
  let [left, right] = pulled([crop.left, crop.right], way.x, by.x, least);
  let [top, bottom] = pulled([crop.top, crop.bottom], way.y, by.y, least);
  if (!square) {
    const both = toward(crop, { left, top, right, bottom }, picture);
    const wide = toward(both, { ...both, left, right }, picture);
    return toward(wide, { ...wide, top, bottom }, picture);
  }
  const side = way.x && way.y ? Math.max(right - left, bottom - top) : way.x ? right - left : bottom - top;
  [left, right] = sized([crop.left, crop.right], way.x, side);
  [top, bottom] = sized([crop.top, crop.bottom], way.y, side);
  return toward(crop, { left, top, right, bottom }, picture);
}

/**
 * The whole pixels inside of a crop, as the API counts them.
 * @param {Crop} crop
 * @param {Turned} picture
 * @returns {Rectangle}
 */
export function pixelsOf(crop, picture, square) {
  const frame = frameOf(picture, picture.angle);
  const [x, right] = [crop.left, crop.right].map((side) => side + frame.width / 2);
  const [y, bottom] = [crop.top, crop.bottom].map((side) => side + frame.height / 2);
  const from = { x: Math.ceil(x - ROUNDING), y: Math.ceil(y - ROUNDING) };
  const size = { width: Math.floor(right + ROUNDING) - from.x, height: Math.floor(bottom + ROUNDING) - from.y };
  const side = Math.min(size.width, size.height);
  return { ...from, ...(square ? { width: side, height: side } : size) };
}

/**
 * The other way round.
 * @param {Rectangle} rectangle
 * @param {Turned} picture
 * @returns {Crop}
 */
export function cropOf({ x, y, width, height }, picture) {
  const frame = frameOf(picture, picture.angle);
  const [left, top] = [x - frame.width / 2, y - frame.height / 2];
  return { left, top, right: left + width, bottom: top + height };
}
