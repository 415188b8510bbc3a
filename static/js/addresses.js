// Where the app lies on its host, and where its views lie in the app.

/** "" at the top of the host, "/texture" where a proxy serves the app under that prefix. */
export const ROOT = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");

export const ADDRESSES = {
  new: `${ROOT}/`,
  job: `${ROOT}/jobs/`,
  comparison: `${ROOT}/comparisons/`,
  history: `${ROOT}/history`,
  models: `${ROOT}/models`,
};

export const addressOf = (view, id = null) => ADDRESSES[view] + (id ?? "");
