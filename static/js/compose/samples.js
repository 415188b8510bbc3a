// The built-in pictures and the results, each as a button that chooses it.

import { $, element } from "../kit/dom.js";
import * as api from "../state/api.js";
import { titleOf } from "../state/names.js";
import { sizeWords } from "../state/rows.js";

const SIDE = 112; // pixels of a sample on a wide screen of single density
const SIDES = [SIDE, 160, 2 * SIDE];

/** @param pick is called with {id, name} of the sample when it is chosen; @param chosen the id of the one that is. */
export function sampleButton({ id, title, credit }, pick, chosen) {
  const srcset = SIDES.map((side) => `${api.imagePath(id, side)} ${side}w`).join();
  const lazy = { loading: "lazy", fetchPriority: "low", sizes: `auto, ${SIDE}px`, srcset };
  const picture = element("img", { ...lazy, src: api.imagePath(id, SIDE), alt: "", width: SIDE, height: SIDE });
  const state = { "data-sample": id, "aria-pressed": String(id === chosen), onclick: () => pick({ id, name: title }) };
  const face = { type: "button", class: "sample", title: credit, ...state };
  return element("button", face, picture, element("span", {}, title));
}

/** The same of a job's result. */
export function resultButton(row, pick) {
  const picture = element("img", { src: api.previewPath(row.id), alt: "", width: SIDE, height: SIDE });
  const face = { type: "button", class: "sample", title: sizeWords(row), onclick: pick };
  return element("button", face, picture, element("span", {}, titleOf(row)));
}

export function showSamples(samples, pick) {
  $("samples").replaceChildren(...samples.map((sample) => element("li", {}, sampleButton(sample, pick))));
}

/** Marks the sample that is the exemplar now. */
export function markSample(id) {
  for (const button of $("samples").querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button.dataset.sample === id));
  }
}
