// What a job's row says: its state, how far it is, what kind of picture it makes and of what shape.

import { extent, times } from "../kit/words.js";
import { facts, methodOf, settingWords, stateOf } from "./catalogue.js";

/** @import { Job, Params, Shape, State } from "../types" */

/**
 * What a state is called: "Running".
 * @param {State} state
 */
export const stateWord = (state) => stateOf(state).title;

/** @type {State[]} */
const FOREMOST = ["running", "queued", "paused", "failed", "done", "cancelled"];

/**
 * The state by which several jobs are marked; undefined where there are none.
 * @param {Job[]} rows
 */
export const foremost = (rows) => FOREMOST.find((state) => rows.some((row) => row.state === state));

/**
 * Sorts as jobs stand in a strip: those that wait first, the next one last of them, then all others, the newest first.
 * @param {Pick<Job, "id" | "created" | "place">} one
 * @param {Pick<Job, "id" | "created" | "place">} other
 */
export const inStripOrder = (one, other) =>
  (other.place ?? 0) - (one.place ?? 0) || other.created.localeCompare(one.created) || other.id.localeCompare(one.id);

/**
 * Whether a job goes on, or may.
 * @param {Job} row
 */
export const isUnfinished = (row) => !stateOf(row.state).ended;

export const WITH_RESULT = ["done", "paused", "cancelled"];

/** @type {Record<string, string>} */
const UNITS = { sample: "Block", walk: "Picture", stylise: "Block" };

/**
 * What a job's steps are called.
 * @param {Job} row
 */
export const unitOf = (row) => UNITS[row.method] ?? "Step";

/**
 * Of the whole work, 0..1.
 * @param {Job} row
 */
export const share = (row) => (row.state === "done" ? 1 : (row.done ?? (row.total ? row.number / row.total : 0)));

/** @param {Job} row */
export const percent = (row) => Math.floor(100 * share(row));

/**
 * ["draft", "size 128", "seed 3"]: what a request asks for besides what is usual.
 * @param {{ method: string, preset?: string, params: Params }} request
 */
export function settings({ method, preset, params }) {
  const set = Object.entries(params).map(([name, value]) => settingWords(method, name, value).join(" ").toLowerCase());
  return preset && preset !== "standard" ? [preset, ...set] : set;
}

/**
 * Whether a model paints it: its method cannot do without one.
 * @param {Job} row
 */
export const isPainting = (row) =>
  Boolean(methodOf(row.method)?.roles.some(({ name, needed }) => name === "model" && needed));

/**
 * Whether a job, or the model that it trains, repaints pictures: the result has the shape of one, and does not wrap.
 * @param {Job} row
 */
const repaints = ({ images, params }) => (params.task ? params.task === "stylise" : "content" in images);

/**
 * Whether a job makes the maps of a material, or takes them along.
 * @param {Job} row
 */
export const isMaterial = ({ method, images }) =>
  Boolean(methodOf(method)?.material) || Object.keys(images).some((role) => role in facts.maps);

/**
 * Whether a job's picture is a sheet of tiles, with an index map that says which of them lies where in a plane.
 * @param {Job} row
 */
export const isTileSet = (row) => row.files.includes("index.png");

export const SEAMLESS = "seamless"; // the method that only makes a picture tile
export const MEND = "mend"; // the one that fills a part of it

/**
 * Whether a job's picture is made to be repeated.
 * @param {Job} row
 */
export const isTile = (row) => "tile" in row.params && !repaints(row);

/**
 * The shape of a job's picture at full size.
 * @param {Job} row
 * @param {Shape} [bitmap] of it as far as it is, if there is one
 * @returns {Shape}
 */
export function shapeOf(row, bitmap) {
  if (!row.params.size) return bitmap ?? { width: 1, height: 1 };
  const asked = extent(row.params.size);
  if (!repaints(row) || !bitmap) return asked;
  const scale = Math.max(asked.width, asked.height) / Math.max(bitmap.width, bitmap.height);
  return { width: Math.round(bitmap.width * scale), height: Math.round(bitmap.height * scale) };
}

const MOST_PIXELS = 20e6; // of a picture that is decoded in the page

/**
 * Whether the preview of a job's picture is shown instead of the picture.
 * @param {Job} row
 */
export function isHuge(row) {
  const { width, height } = shapeOf(row);
  return width * height > MOST_PIXELS;
}

/**
 * "512 × 384", or as long as that is all that is known "512 on its longer side".
 * @param {Job} row
 * @param {Shape} [bitmap]
 */
export function sizeWords(row, bitmap) {
  const { width, height } = shapeOf(row, bitmap);
  return repaints(row) && !bitmap ? `${Math.max(width, height)} on its longer side` : times({ width, height });
}
