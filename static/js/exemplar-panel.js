// The panel that shows the exemplar beside the runs, in the scale in which they paint it.

import * as api from "./api.js";
import { element } from "./dom.js";
import { framePicture } from "./run-panel.js";
import { exemplarShape } from "./runs.js";
import { Shot } from "./shot.js";
import { times } from "./words.js";

export const EXEMPLAR = "exemplar"; // stands for its id among those of the runs

export class ExemplarPanel {
  id = EXEMPLAR;
  label = "Exemplar";
  shot = new Shot({ width: 1, height: 1 });
  #frame;
  #numbers = element("dl", { class: "run-numbers" });

  /** @param params of a run, which say in what scale the exemplar is looked at. */
  constructor({ exemplar, images }, params, lens, act) {
    this.#frame = framePicture("the exemplar", lens, (side) => act.side(EXEMPLAR, side));
    this.#frame.canvas.setAttribute("aria-label", `The exemplar ${exemplar}`);
    const head = element("h3", { id: "run-exemplar" }, "Exemplar");
    this.node = element(
      "li",
      { class: "run of-exemplar", "aria-labelledby": "run-exemplar" },
      element("div", { class: "run-head" }, head, element("span", { class: "hint" }, exemplar)),
      this.#frame.room,
      element("div", { class: "progress", "aria-hidden": "true" }),
      this.#numbers,
      element("div", { class: "run-foot" }, element("p", { class: "run-standing" }, "What all runs are given")),
    );
    this.shot.addEventListener("change", () => this.#draw());
    this.shot.load(api.imagePath(images.source), (bitmap) => exemplarShape(bitmap, params));
  }

  mark(side) {
    for (const button of this.#frame.sides.children)
      button.setAttribute("aria-pressed", String(button.dataset.side === side));
  }

  discard() {
    this.#frame.pane.discard();
    this.node.remove();
  }

  #draw() {
    const { bitmap, shape } = this.shot;
    this.#frame.pane.show(bitmap, shape);
    const facts = [["Size", times(bitmap)], ...(shape.width < bitmap.width ? [["Seen as", times(shape)]] : [])];
    const cell = ([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value));
    this.#numbers.replaceChildren(...facts.map(cell));
  }
}
