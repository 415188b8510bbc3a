// A regular exemplar as a job has fitted it to its tile, which is what the job's picture is to be judged by.

import * as api from "./api.js";

const NAME = "exemplar"; // of the map, as texture/jobs/store/files.py has it

/** Whether the job has left one. */
export const isFitted = (row) => Boolean(row?.files?.includes(`${NAME}.png`));

export const fittedPath = (row) => api.mapPath(row.id, NAME);

/** What a picture is called of which this is shown instead: "Source texture as fitted". */
export const fittedTitle = (title) => `${title} as fitted`;

/** Whether a map of that name is this one, and no picture that explains the result. */
export const isFittedMap = (name) => name === NAME;
