// The panels beside the runs that show what these were given: the exemplar, and where there is one the content.

import { element, findAll, write } from "../kit/dom.js";
import { times } from "../kit/words.js";
import * as api from "../state/api.js";
import { fittedPath, fittedTitle, isFitted } from "../state/fitted-exemplar.js";
import { contentShape, exemplarShape } from "../state/runs.js";
import { Shot } from "../viewer/shot.js";
import { framePicture } from "./run-panel.js";

const KINDS = {
  exemplar: { role: "source", title: "Source texture", note: "Shared by all runs", shapeFor: exemplarShape },
  content: { role: "content", title: "Content", note: "What is repainted", shapeFor: contentShape },
};

const FITTED = "As each run has fitted it to its tile";

/** Whether it is the id of such a panel, and not of a run. */
export const isGiven = (id) => id in KINDS;

/** @param rows of the runs: each picture is shown in the scale of the first one that is given it. */
export function givenPanels({ images, exemplar }, rows, lens, act) {
  const wasGiven = (role) => role in images && rows.some((row) => role in row.images);
  const ids = Object.keys(KINDS).filter((id) => wasGiven(KINDS[id].role));
  return ids.map((id) => {
    const { role, shapeFor, ...about } = KINDS[id];
    const first = rows.find((row) => role in row.images);
    const { params, names } = first;
    const picture = { ...about, id, name: names[role] ?? exemplar, picture: images[role], first: first.id };
    const panel = new GivenPanel(picture, (bitmap) => shapeFor(bitmap, params), lens, act);
    for (const row of rows) panel.follow(row);
    return panel;
  });
}

class GivenPanel {
  #frame;
  #numbers = element("dl", { class: "run-numbers" });
  #head;
  #note;
  #first; // the id of the run as which it looks at the picture
  #whole; // the shot of the picture as it was given
  #fitted = new Map(); // run's id -> the shot of the exemplar as that run has fitted it

  /**
   * @param about - {id, title, name, picture, note, first}: `id` stands among those of the runs, `picture` is the
   *   picture's own, `first` that of the run as which it is looked at.
   * @param shapeFor tells in what scale the methods look at it, given its bitmap.
   */
  constructor({ id, title, name, picture, note, first }, shapeFor, lens, act) {
    this.id = id;
    this.label = title;
    this.#first = first;
    this.#whole = new Shot(shapeFor);
    this.shot = this.#whole;
    this.#frame = framePicture(`the ${title.toLowerCase()}`, lens, (side) => act.side(id, side));
    this.#frame.canvas.setAttribute("aria-label", `The ${title.toLowerCase()} ${name}`);
    this.#head = element("h3", { id: `run-${id}` }, title);
    this.#note = element("p", { class: "run-standing" }, note);
    this.node = element(
      "li",
      { class: `run given-panel of-${id}`, "aria-labelledby": `run-${id}` },
      element("div", { class: "run-head" }, this.#head, element("span", { class: "hint" }, name)),
      this.#frame.room,
      element("div", { class: "progress", "aria-hidden": "true" }),
      this.#numbers,
      element("div", { class: "run-foot" }, this.#note),
    );
    this.#whole.addEventListener("change", () => this.#draw());
    this.#whole.load(api.imagePath(picture));
  }

  /** What it shows beside a run: an exemplar as that has fitted it. */
  shotBeside(run) {
    return run === this.#first ? this.shot : (this.#fitted.get(run) ?? this.#whole);
  }

  /** A run's row as it is now; whether that changes what is to be seen beside it. */
  follow(row) {
    if (this.id !== "exemplar" || this.#fitted.has(row.id) || !isFitted(row)) return false;
    const shot = new Shot(({ width, height }) => ({ width, height }));
    this.#fitted.set(row.id, shot);
    shot.load(fittedPath(row));
    if (row.id === this.#first) this.#showFitted(shot);
    return true;
  }

  #showFitted(shot) {
    this.shot = shot;
    this.label = fittedTitle(this.label);
    write(this.#head, this.label);
    write(this.#note, FITTED);
    shot.addEventListener("change", () => this.#draw());
  }

  mark(side) {
    for (const button of findAll("[data-side]", this.#frame.sides))
      button.setAttribute("aria-pressed", String(button.dataset.side === side));
  }

  discard() {
    this.#frame.pane.discard();
    this.node.remove();
  }

  #draw() {
    const { bitmap, shape } = this.shot;
    if (!bitmap) return; // the other one has come
    this.#frame.pane.show(bitmap, shape);
    const whole = this.#whole.bitmap ?? bitmap;
    const fact = (name, value) => element("div", {}, element("dt", {}, name), element("dd", {}, value));
    const seen = shape.width === whole.width ? [] : [fact("Working size", times(shape))];
    this.#numbers.replaceChildren(fact("Size", times(whole)), ...seen);
  }
}
