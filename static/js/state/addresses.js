// Where the app lies on its host, and where its views lie in the app. A place is {view, id}: the views are the keys of
// ADDRESSES, and id is null where there is only one of a kind.

/** "" at the top of the host, "/texture" where a proxy serves the app under that prefix. */
export const ROOT = new URL("../../../..", import.meta.url).pathname.replace(/\/$/, "");

export const ADDRESSES = {
  new: `${ROOT}/`,
  job: `${ROOT}/jobs/`,
  comparison: `${ROOT}/comparisons/`,
  history: `${ROOT}/history`,
  models: `${ROOT}/models`,
};

export const addressOf = (view, id = null) => ADDRESSES[view] + (id ?? "");

export const NEW = { view: "new", id: null };

const IDS = { job: /^\w+$/, comparison: /^\w+(\+\w+)*$/ }; // of the views whose address ends in one

/** The id of a comparison that is not kept: these jobs, side by side. */
export const besides = (jobs) => jobs.join("+");

/** The place of an address; a new texture where it is none of ours. */
export function placeAt(path) {
  const one = Object.keys(IDS).find((view) => path.startsWith(ADDRESSES[view]));
  const id = one && path.slice(ADDRESSES[one].length);
  if (id) return IDS[one].test(id) ? { view: one, id } : NEW;
  const view = Object.keys(ADDRESSES).find((name) => !(name in IDS) && ADDRESSES[name] === path);
  return view ? { view, id: null } : NEW;
}
