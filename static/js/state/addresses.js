// Where the app lies on its host, and where its views lie in the app.

/** @import { Place, View } from "../types" */

/** "" at the top of the host, "/texture" where a proxy serves the app under that prefix. */
export const ROOT = new URL("../../../..", import.meta.url).pathname.replace(/\/$/, "");

/** @type {Record<View, string>} */
export const ADDRESSES = {
  new: `${ROOT}/`,
  job: `${ROOT}/jobs/`,
  comparison: `${ROOT}/comparisons/`,
  history: `${ROOT}/history`,
  models: `${ROOT}/models`,
};

/** @param {View} view @param {string | null} id */
export const addressOf = (view, id = null) => ADDRESSES[view] + (id ?? "");

/** @type {Place} */
export const NEW = { view: "new", id: null };

/** @type {Partial<Record<View, RegExp>>} of the views whose address ends in one */
const IDS = { job: /^\w+$/, comparison: /^\w+(\+\w+)*$/ };

const VIEWS = /** @type {View[]} */ (Object.keys(ADDRESSES));

/**
 * The id of a comparison that is not kept: these jobs, side by side.
 * @param {string[]} jobs
 */
export const besides = (jobs) => jobs.join("+");

/**
 * The place of an address; a new texture where it is none of ours.
 * @param {string} path
 * @returns {Place}
 */
export function placeAt(path) {
  const one = VIEWS.find((view) => view in IDS && path.startsWith(ADDRESSES[view]));
  const id = one && path.slice(ADDRESSES[one].length);
  if (id) return IDS[one]?.test(id) ? { view: one, id } : NEW;
  const view = VIEWS.find((name) => !(name in IDS) && ADDRESSES[name] === path);
  return view ? { view, id: null } : NEW;
}
