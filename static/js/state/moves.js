// What can be done with a job as it is now.

import { materialMethod, methodOf, stateOf } from "./catalogue.js";
import { MEND, WITH_RESULT, isMaterial, isPainting, isTile, isTileSet } from "./rows.js";

/** @import { Job, State } from "../types" */

// What else can be done with the model of a training, after what it is for. A paused one is trained further by Resume.
/** @type {Partial<Record<State, string[]>>} */
const OF_MODEL = {
  paused: ["model"],
  done: ["model", "further"],
  failed: ["model"],
  cancelled: ["model", "further"],
};
/** @type {Record<string, string>} */
const MORE = { sample: "again", stylise: "another" }; // once it is done
const OF_PICTURE = ["download", "copy", "sheet"];

/** @param {Job} row */
export const hasResult = (row) => WITH_RESULT.includes(row.state) && row.number > 0;
/** @param {Job} row */
export const isTrained = (row) => Boolean(row.files?.includes("model.safetensors"));
/**
 * What a trained model is for: one of textures is painted from, one of a style repaints pictures.
 * @param {Job} row
 */
export const usesOf = (row) => (row.params.task === "stylise" ? ["stylise"] : ["sample", "walk"]);
/** @param {Job} row */
export const isLoop = (row) => row.state === "done" && Boolean(row.files?.includes("animation.webp"));

/**
 * Whether a larger picture can begin with this one: whether its pictures are large enough for that, the server knows.
 * @param {Job} row
 */
const canContinue = ({ state, method }) => state === "done" && Boolean(methodOf(method)?.continues);

/**
 * What the server can be asked to do with a job; to retry it is more than to resume it.
 * @param {Job} row
 */
export function movesOf({ state }) {
  const moves = Object.keys(stateOf(state).moves);
  return moves.includes("retry") ? moves.filter((what) => what !== "resume") : moves;
}

/**
 * The next one before (-1) or behind (1) a job in the queue, as far as they are among these; undefined where it is the
 * first or the last of them. The runs of a comparison have one place.
 * @param {Job[]} rows
 * @param {Job} row that waits
 * @param {-1 | 1} way
 */
export function neighbourInQueue(rows, row, way) {
  const beyond = queueOf(rows).filter((one) => way * (placeOf(one) - placeOf(row)) > 0);
  return way < 0 ? beyond.at(-1) : beyond[0];
}

/**
 * Those of them that wait in the queue, the next one first. What a model paints has no place there.
 * @param {Job[]} rows
 */
export function queueOf(rows) {
  const waiting = rows.filter((row) => row.state === "queued" && row.place && !isPainting(row));
  return waiting.sort((one, other) => placeOf(one) - placeOf(other));
}

/** @param {Job} row */
const placeOf = ({ place }) => place ?? 0;

/**
 * Whether the maps of a material can be made from a job's picture.
 * @param {Job} row
 */
const canBeMaterial = (row) => row.state === "done" && isTile(row) && !isMaterial(row) && Boolean(materialMethod());

/**
 * Whether a part of a job's picture can be painted over, to be filled from the rest.
 * @param {Job} row
 */
const canBeMended = (row) => row.state === "done" && !isMaterial(row) && !isTileSet(row) && Boolean(methodOf(MEND));

/**
 * What can be done with a job now. Without a step there is no picture to download.
 * @param {Job} row
 */
export function possible(row) {
  if (isLoop(row)) return ["play", "loop", "again"];
  const pictures = hasResult(row) ? OF_PICTURE.filter((what) => what !== "sheet" || isTile(row)) : [];
  const isBehind = row.state === "queued" && (row.place ?? 1) > 1 && !isPainting(row);
  const further = [...(canContinue(row) ? ["larger"] : []), ...(canBeMaterial(row) ? ["material"] : [])];
  if (canBeMended(row)) further.push("mend");
  const packs = isMaterial(row) ? ["package"] : isTileSet(row) ? ["files"] : [];
  const packed = row.state === "done" ? packs : [];
  const fitting = [...(isBehind ? ["first"] : []), ...movesOf(row), ...packed, ...pictures, ...further];
  const more = row.state === "done" && MORE[row.method];
  if (more) return [...fitting, more];
  const ofModel = isTrained(row) && OF_MODEL[row.state];
  if (!ofModel) return fitting;
  return row.state === "done" ? [...usesOf(row), ...fitting, ...ofModel] : [...fitting, ...usesOf(row), ...ofModel];
}
