// The panels beside the runs that show what these were given: the exemplar, and where there is one the content.

import * as api from "./api.js";
import { element } from "./dom.js";
import { framePicture } from "./run-panel.js";
import { contentShape, exemplarShape } from "./runs.js";
import { Shot } from "./shot.js";
import { times } from "./words.js";

const KINDS = {
  exemplar: { role: "source", title: "Exemplar", note: "What all runs are given", shapeFor: exemplarShape },
  content: { role: "content", title: "Content", note: "What is repainted", shapeFor: contentShape },
};

/** Whether it is the id of such a panel, and not of a run. */
export const isGiven = (id) => id in KINDS;

/** @param rows of the runs: each picture is shown in the scale of the first one that is given it. */
export function givenPanels({ images, exemplar }, rows, lens, act) {
  const ids = Object.keys(KINDS).filter((id) => rows.some((row) => KINDS[id].role in row.images));
  return ids.map((id) => {
    const { role, shapeFor, ...about } = KINDS[id];
    const { params, names } = rows.find((row) => role in row.images);
    const picture = { ...about, id, name: names[role] ?? exemplar, picture: images[role] };
    return new GivenPanel(picture, (bitmap) => shapeFor(bitmap, params), lens, act);
  });
}

class GivenPanel {
  #frame;
  #numbers = element("dl", { class: "run-numbers" });

  /**
   * @param about {id, title, name, picture, note}: `id` stands among those of the runs, `picture` is the picture's own.
   * @param shapeFor tells in what scale the methods look at it, given its bitmap.
   */
  constructor({ id, title, name, picture, note }, shapeFor, lens, act) {
    [this.id, this.label] = [id, title];
    this.shot = new Shot(shapeFor);
    this.#frame = framePicture(`the ${title.toLowerCase()}`, lens, (side) => act.side(id, side));
    this.#frame.canvas.setAttribute("aria-label", `The ${title.toLowerCase()} ${name}`);
    const head = element("h3", { id: `run-${id}` }, title);
    this.node = element(
      "li",
      { class: `run given-panel of-${id}`, "aria-labelledby": `run-${id}` },
      element("div", { class: "run-head" }, head, element("span", { class: "hint" }, name)),
      this.#frame.room,
      element("div", { class: "progress", "aria-hidden": "true" }),
      this.#numbers,
      element("div", { class: "run-foot" }, element("p", { class: "run-standing" }, note)),
    );
    this.shot.addEventListener("change", () => this.#draw());
    this.shot.load(api.imagePath(picture));
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
