// Who computes, in the storage dialogue: the server itself, or workers on other machines.

import { $, element } from "../kit/dom.js";
import { whole } from "../kit/words.js";
import * as api from "../state/api.js";

const WEIGHTS = {
  missing: "without VGG-19’s weights",
  fetching: "fetching VGG-19’s weights",
  damaged: "with damaged weights of VGG-19",
};

/** A line of the table: a machine, what it takes, and whether it is at work. */
function line({ name, machine, queues, busy, load, weights }) {
  const about = [machine, queues.join(", "), WEIGHTS[weights]].filter(Boolean).join(" · ");
  const title = element("th", { scope: "row" }, name, element("small", {}, about));
  const state = element("td", {}, busy ? "at work" : "idle", element("small", {}, `load ${load}`));
  return element("tr", {}, title, state);
}

/** Ask who computes, and show it; that it fails is told by what else the page asks for. */
export async function showWorkers() {
  const found = await api.workers().catch(() => null);
  if (!found) return;
  const { workers, waiting } = found;
  const count = Object.values(waiting).reduce((sum, one) => sum + one, 0);
  const running = workers.length
    ? `${whole(workers.length)} ${workers.length === 1 ? "worker" : "workers"}`
    : "No worker is running";
  const words = `${running}; ${count ? `${whole(count)} waiting` : "nothing waits"}`;
  const table = element("table", {}, element("tbody", {}, ...workers.map(line)));
  $("workers").replaceChildren(element("h3", {}, "Workers"), element("p", {}, words), table);
  $("workers").hidden = false;
}
