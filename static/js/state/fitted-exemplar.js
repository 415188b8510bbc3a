// A regular exemplar as a job has fitted it to its tile, which is what the job's picture is to be judged by.

import * as api from "./api.js";

/** @import { Job } from "../types" */

const NAME = "exemplar"; // of the map, as texture/jobs/store/files.py has it

/**
 * Whether the job has left one.
 * @param {Job | null | undefined} row
 */
export const isFitted = (row) => Boolean(row?.files?.includes(`${NAME}.png`));

/** @param {Job} row */
export const fittedPath = (row) => api.mapPath(row.id, NAME);

/**
 * What a picture is called of which this is shown instead: "Source texture as fitted".
 * @param {string} title
 */
export const fittedTitle = (title) => `${title} as fitted`;

/**
 * Whether a map of that name is this one, and no picture that explains the result.
 * @param {string} name
 */
export const isFittedMap = (name) => name === NAME;
