// The built-in pictures, as an invitation.

import { $, element } from "../kit/dom.js";
import * as api from "../state/api.js";

/** @param pick is called with {id, name} of the sample when it is chosen; @param chosen the id of the one that is. */
export function sampleButton({ id, title, credit }, pick, chosen) {
  const picture = element("img", { src: api.imagePath(id, 240), alt: "", loading: "lazy", width: 240, height: 240 });
  const state = { "data-sample": id, "aria-pressed": String(id === chosen), onclick: () => pick({ id, name: title }) };
  const face = { type: "button", class: "sample", title: credit, ...state };
  return element("button", face, picture, element("span", {}, title));
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
