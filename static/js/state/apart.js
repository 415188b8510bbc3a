// What tells a job from those beside it, in words.

import { methodOf, settingWords } from "./catalogue.js";
import { settings } from "./rows.js";

/** @import { Job, Params } from "../types" */

/** @typedef {{ method: string, preset?: string, params: Params }} Request - the shortest that leads to a job */
/** @typedef {{ row: Job, request: Request }} Asked */

/** @type {WeakMap<Params, Asked>} - what leads to a job is looked for among all presets: once is enough */
const known = new WeakMap();

/**
 * A job with the request that leads to it; all its parameters where the form has none.
 * @param {Job} row
 * @param {(row: Job) => Request | null} requestOf
 * @returns {Asked}
 */
export function withRequest(row, requestOf) {
  const made = known.get(row.params) ?? { row, request: requestOf(row) ?? row };
  known.set(row.params, made);
  return made;
}

/**
 * What a job has of that name: its preset, or a parameter, which it may have without its request saying so.
 * @param {Asked} job
 * @param {string} name
 */
function wordFor({ row, request }, name) {
  if (name === "preset") return request.preset ?? "";
  return name in row.params ? settingWords(row.method, name, row.params[name]).join(" ").toLowerCase() : "";
}

/**
 * The settings in which a job differs from any of its neighbours: ["seed 3"].
 * @param {Asked} job
 * @param {Asked[]} neighbours
 */
export function apart(job, neighbours) {
  const names = new Set([
    "seed",
    "preset",
    ...[job, ...neighbours].flatMap(({ request }) => Object.keys(request.params)),
  ]);
  /** @param {string} name */
  const differs = (name) => neighbours.some((one) => wordFor(one, name) !== wordFor(job, name));
  const words = [...names].filter(differs).map((name) => wordFor(job, name));
  return words.filter(Boolean);
}

/**
 * The same, and then whatever else is said of a job, its method first: "seed 3 · Match · draft · size 128".
 * @param {Asked} job
 * @param {Asked[]} neighbours
 */
export function apartFirst(job, neighbours) {
  const method = methodOf(job.row.method);
  const rest = method?.listed ? [method.title, ...settings(job.request)] : [];
  const first = apart(job, neighbours);
  const isOfAnotherMethod = neighbours.some(({ row }) => row.method !== job.row.method);
  const all = isOfAnotherMethod ? [...rest.slice(0, 1), ...first, ...rest.slice(1)] : [...first, ...rest];
  return [...new Set(all)].join(" · ");
}
