// What pictures and jobs are called.

/** @import { Entry, Job, Several } from "../types" */

/** @type {Record<string, string>} */
const PAINTED = { sample: "Sample of", walk: "Animation of", seamless: "Tile of", mend: "Mended" };

/**
 * What the picture is called that a job was given in that role.
 * @param {Job} row
 * @param {string} role
 */
export const pictureName = (row, role) => row.names?.[role] ?? "Picture";

/**
 * What a job's exemplar is called: of a sample, the one that its model was trained on.
 * @param {Job} row
 */
export const exemplarOf = (row) => row.exemplar || "Picture";

/**
 * Whether a job repaints a picture, and does not train a model that will.
 * @param {Job} row
 */
const repaints = ({ images, params }) => "content" in images && !("task" in params);

/**
 * What a job itself is called.
 * @param {Job} row
 */
export function titleOf(row) {
  if (row.name) return row.name;
  if (row.method === "stylise") return `Stylised ${pictureName(row, "content")}`;
  if (row.method in PAINTED) return `${PAINTED[row.method]} ${exemplarOf(row)}`;
  return repaints(row) ? `${pictureName(row, "content")} in ${exemplarOf(row)}` : exemplarOf(row);
}

/**
 * The ids of entries of the history, as the API takes them.
 * @param {Entry[]} entries
 * @returns {Several}
 */
export function idsOf(entries) {
  /** @param {Entry["kind"]} kind */
  const ids = (kind) => entries.filter((entry) => entry.kind === kind).map(({ id }) => id);
  return { jobs: ids("job"), comparisons: ids("comparison") };
}
