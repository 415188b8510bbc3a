// The banner about a network's weights: on the way, missing, or damaged, what to do, and what can begin without them.

import { $, element, withCode } from "../kit/dom.js";
import { announce, attempt, banner } from "../kit/notices.js";
import * as api from "../state/api.js";

let form = null;
let before = null;
let fetching = null; // the elements of the banner while weights arrive

/** What begins without weights is chosen in that form. */
export function offerAtOnce(chosenIn) {
  form = chosenIn;
}

/** The first method that needs no weights. */
const withoutWeights = () => form?.textureMethods.find(({ network }) => !network);

function beginAtOnce() {
  form.choose(withoutWeights().name);
  $("start").focus();
  announce(`${form.chosen.title} is chosen`);
}

function atOnce() {
  const method = withoutWeights();
  if (!method) return [];
  const face = { type: "button", class: "plain", id: "begin-at-once", onclick: beginAtOnce };
  return [element("button", face, `Use ${method.title}, which needs no weights`)];
}

async function tryAgain() {
  const weights = await attempt(api.fetchWeights);
  if (weights) showWeights(weights);
}

function showFetching({ fraction, message }) {
  if (!fetching) {
    fetching = {
      text: element("p"),
      bar: element("progress", { max: 1, "aria-label": "Fetching the network's weights" }),
    };
    banner("weights", "calm", fetching.text, fetching.bar, ...atOnce());
  }
  const known = typeof fraction === "number";
  if (known) fetching.bar.value = fraction;
  const share = known ? ` (${Math.floor(100 * fraction)} %)` : "";
  fetching.text.textContent = `${message || "The network's weights are being fetched"}${share}`;
}

function showAbsent({ message }) {
  const again = element("button", { type: "button", class: "plain", onclick: tryAgain }, "Try to fetch them");
  const words = element("p", {}, ...withCode(message || "The network's weights are missing."));
  banner("weights", "", words, ...atOnce(), again);
}

/** @param weights - {state, message, fraction} as the server says it. */
export function showWeights(weights) {
  if (weights.state === "fetching") showFetching(weights);
  else fetching = null;
  if (weights.state === "ready") banner("weights");
  if (weights.state === "missing" || weights.state === "damaged") showAbsent(weights);
  if (weights.state === "ready" && before && before !== "ready") announce("The network's weights are ready.");
  before = weights.state;
}
