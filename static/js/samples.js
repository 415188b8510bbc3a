// The built-in pictures, as an invitation.

import * as api from "./api.js";
import { $, element } from "./dom.js";

/** @param pick is called with {id, name} of the sample that was chosen. */
export function showSamples(samples, pick) {
  const buttons = samples.map(({ id, title, credit }) => {
    const picture = element("img", { src: api.imagePath(id, 240), alt: "", loading: "lazy", width: 240, height: 240 });
    const onclick = () => pick({ id, name: title });
    return element(
      "button",
      { type: "button", class: "sample", title: credit, "data-sample": id, onclick },
      picture,
      element("span", {}, title),
    );
  });
  $("samples").replaceChildren(...buttons.map((button) => element("li", {}, button)));
}

/** Marks the sample that is the exemplar now. */
export function markSample(id) {
  for (const button of $("samples").querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button.dataset.sample === id));
  }
}
