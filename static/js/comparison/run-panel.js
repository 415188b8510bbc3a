// One run of a comparison: its picture, where it stands, what it has to itself, and what can be done with it.

import { element, find, findAll, icon, withCode, write } from "../kit/dom.js";
import { clock, roughly, whole } from "../kit/words.js";
import { addressOf } from "../state/addresses.js";
import * as api from "../state/api.js";
import { inWords } from "../state/metrics.js";
import { possible } from "../state/moves.js";
import { shapeOf, share, stateWord } from "../state/rows.js";
import { USUAL_METRIC, inkOf, isSecondRound, metricTitle, shareOf, wallOf } from "../state/runs.js";
import { listenForGestures } from "../viewer/gestures.js";
import { Pane } from "../viewer/pane.js";
import { Shot } from "../viewer/shot.js";

const BUTTONS = {
  first: ["first", "Run first"],
  pause: ["pause", "Pause"],
  resume: ["play", "Resume"],
  cancel: ["stop", "Cancel"],
  retry: ["retry", "Retry"],
  download: ["download", "Download"],
  larger: ["twice", "Continue at twice the size"],
  star: ["star", "Star"],
  reuse: ["reuse", "Reuse settings"],
  remove: ["trash", "Delete"],
};
const PLATES = { queued: "Waiting for its turn", running: "Preparing", paused: "Paused before the first step" };
const TELLING = ["queued", "running", "failed"]; // states in which a row's message is of now

export const WHEEL = "Click, or hold Ctrl, to zoom with the wheel";

/** The mark that has the colour of a run. */
export const inkMark = (ink) =>
  element("i", { class: isSecondRound(ink) ? "ink hollow" : "ink", "data-ink": String(inkOf(ink)) });

/** The mark of the best of several, to be shown where it is. */
export const bestMark = () => element("span", { class: "best-mark", hidden: true }, "best");

/** The letters that choose the two sides of the wipe. */
function sideButtons(label, choose) {
  const sides = { a: "left", b: "right" };
  return Object.entries(sides).map(([side, where]) => {
    const words = `Show ${label} on the ${where} of the wipe`;
    return element(
      "button",
      {
        type: "button",
        "data-side": side,
        "aria-pressed": "false",
        "aria-label": words,
        title: words,
        onclick: () => choose(side),
      },
      side.toUpperCase(),
    );
  });
}

/** A heading, a room with a canvas that looks through the lens, and the letters of the wipe. */
export function framePicture(label, lens, choose) {
  const canvas = element("canvas", { role: "img", title: WHEEL });
  const plate = element("p", { class: "run-plate", hidden: true });
  const sides = element("div", { class: "sides" }, ...sideButtons(label, choose));
  const room = element("div", { class: "run-room lens-room" }, canvas, plate, sides);
  const pane = new Pane(canvas, lens);
  listenForGestures(room, pane, lens, true);
  return { canvas, plate, room, pane, sides };
}

function standing(row) {
  const { number, total, state } = row;
  if (!number) return state === "queued" && row.place ? `Place ${row.place} in the queue` : "No step yet";
  const steps = total ? `Step ${whole(number)} of ${whole(total)}` : `Step ${whole(number)}`;
  return state === "running" && row.eta !== null ? `${steps} · ${roughly(row.eta)} left` : steps;
}

/** @param metric the name of the one that is shown. */
function figuresOf(row, points, metric) {
  const part = shareOf(row, points);
  const wall = wallOf(row, points);
  const [value, baseline] = [row.metrics?.[metric], row.baselines?.[metric]];
  return [
    [
      metricTitle(metric),
      Number.isFinite(value) ? inWords(metric, value) : "–",
      Number.isFinite(baseline) ? `source against itself ${inWords(metric, baseline)}` : "",
    ],
    ["Compute share", part === null ? "–" : `${Math.round(100 * part)} %`, ""],
    ["Compute time", clock(row.seconds), ""],
    ["Elapsed", wall === null ? "–" : clock(wall), ""],
  ];
}

export class RunPanel {
  #act;
  #own;
  #key = "";
  #label = "";
  #given = null; // the name that its owner has given it
  #frame;
  #head;
  #name;
  #badge = element("span", { class: "badge" });
  #best = bestMark();
  #metric = USUAL_METRIC;
  #fill = element("i");
  #progress;
  #standing = element("p", { class: "run-standing" });
  #figures = element("dl", { class: "run-numbers" });
  #message = element("p", { class: "run-message", hidden: true });
  #actions = element("div", { class: "run-actions" });

  /**
   * @param run - {row, label, ink, own}: `ink` is the number of its colour, `own` whether it may be changed.
   * @param act - {control(row, what), first(row), larger(row), star(row), reuse(row), remove(row), side(id, side)}
   */
  constructor({ row, label, ink, own }, lens, act) {
    this.id = row.id;
    this.shot = new Shot((bitmap) => shapeOf(row, bitmap));
    this.#act = act;
    this.#own = own;
    this.#frame = framePicture(label, lens, (side) => act.side(row.id, side));
    // On a page of its own there is more: its recipe, its loss, and what can be made from a trained model.
    const alone = { href: addressOf("job", row.id), "data-place": "job", title: "Open this run by itself" };
    this.#name = own ? element("a", alone, label) : element("span", {}, label);
    this.#head = element("h3", { id: `run-${row.id}` }, this.#name);
    this.#progress = element("div", { class: "progress", role: "progressbar", "aria-valuemin": "0" }, this.#fill);
    this.#progress.setAttribute("aria-valuemax", "100");
    this.node = this.#arrange(row, ink);
    this.shot.addEventListener("change", () => this.#draw());
    this.relabel(label);
  }

  #arrange(row, ink) {
    const chip = inkMark(ink);
    const foot = element("div", { class: "run-foot" }, this.#standing, this.#actions);
    this.#frame.room.append(this.#message);
    return element(
      "li",
      { class: "run", "data-job": row.id, "data-ink": String(inkOf(ink)), "aria-labelledby": `run-${row.id}` },
      element("div", { class: "run-head" }, chip, this.#head, this.#best, this.#badge),
      this.#frame.room,
      this.#progress,
      this.#figures,
      foot,
    );
  }

  /** @param label what tells it from the other runs; before it stands what its owner has called it. */
  relabel(label, given = this.#given) {
    [this.#label, this.#given] = [label, given];
    this.label = [given, label].filter(Boolean).join(" · ");
    this.#showLabel(this.label);
  }

  #showLabel(label) {
    write(this.#name, label);
    this.#head.title = label;
    this.#progress.setAttribute("aria-label", `Progress of ${label}`);
    this.#frame.canvas.setAttribute("aria-label", `The texture that ${label} makes`);
  }

  /** @param before the row as it was; @param picture the live picture, where there is one. */
  update(row, before, points, picture) {
    this.node.dataset.state = row.state;
    this.relabel(this.#label, row.name);
    write(this.#badge, stateWord(row.state));
    this.#badge.dataset.state = row.state;
    write(this.#standing, standing(row));
    this.#showProgress(row);
    this.#showFigures(row, points);
    this.#showMessage(row);
    this.#showButtons(row);
    this.shot.follow(row, before, picture);
    this.#showPlate(row);
  }

  /** @param metric the name of the one by which runs are compared; `best` whether this is the best by it. */
  showNumbers(row, points, metric, best) {
    this.#metric = metric;
    this.#best.hidden = !best;
    this.#best.title = `The best by ${metricTitle(metric).toLowerCase()}`;
    this.#showFigures(row, points);
  }

  /** @param side "a", "b" or null: where it stands in the wipe. */
  mark(side) {
    for (const button of findAll("[data-side]", this.#frame.sides))
      button.setAttribute("aria-pressed", String(button.dataset.side === side));
  }

  get room() {
    return this.#frame.pane.room;
  }

  discard() {
    this.#frame.pane.discard();
    this.node.remove();
  }

  #draw() {
    this.#frame.pane.show(this.shot.bitmap, this.shot.shape);
    if (this.shot.bitmap) this.#frame.plate.hidden = true;
  }

  #showPlate(row) {
    this.#frame.plate.hidden = Boolean(this.shot.bitmap) || row.number > 0;
    write(this.#frame.plate, PLATES[row.state] ?? "There is no picture");
  }

  #showProgress(row) {
    const percent = Math.floor(100 * share(row));
    this.#fill.style.transform = `scaleX(${share(row)})`;
    this.#progress.setAttribute("aria-valuenow", String(percent));
    this.#progress.setAttribute("aria-valuetext", `${percent} %, ${stateWord(row.state).toLowerCase()}`);
  }

  #showFigures(row, points) {
    const wanted = figuresOf(row, points, this.#metric);
    if (!this.#figures.childElementCount) {
      const cell = () => element("div", {}, element("dt"), element("dd", {}, element("span"), element("small")));
      this.#figures.append(...wanted.map(cell));
    }
    wanted.forEach(([name, value, note], index) => {
      const [term, description] = this.#figures.children[index].children;
      const [main, small] = description.children;
      write(term, name);
      write(main, value);
      write(small, note);
    });
  }

  #showMessage(row) {
    const text = TELLING.includes(row.state) ? row.message : null;
    this.#message.hidden = !text;
    this.#message.classList.toggle("calm", row.state !== "failed");
    if (text && this.#message.textContent !== text.replaceAll("`", ""))
      this.#message.replaceChildren(...withCode(text));
  }

  /** New buttons only when others fit, and the focus goes to what took the place of the one it was on. */
  #showButtons(row) {
    const fitting = possible(row).filter((what) => what in BUTTONS);
    const wanted = this.#own ? [...fitting, "star", "reuse", "remove"] : fitting.filter((what) => what === "download");
    const key = `${row.state} ${row.star} ${wanted}`;
    if (key === this.#key) return;
    this.#key = key;
    const had = this.#actions.contains(document.activeElement);
    this.#actions.replaceChildren(...wanted.map((what) => this.#button(what, row)));
    if (had) find("*", this.#actions)?.focus();
  }

  #button(what, row) {
    const [picture, words] = BUTTONS[what === "retry" && row.state === "cancelled" ? "resume" : what];
    const face = { class: "quiet square", "data-what": what, "aria-label": words, title: words };
    if (what === "download") {
      const link = { ...face, class: "button quiet square", href: api.resultPath(row.id), download: "" };
      return element("a", link, icon(picture));
    }
    const { first, larger, star, reuse, remove } = this.#act;
    const work = { first, larger, star, reuse, remove }[what] ?? ((current) => this.#act.control(current, what));
    const pressed = what === "star" ? { "aria-pressed": String(row.star) } : {};
    return element("button", { ...face, ...pressed, type: "button", onclick: () => work(row) }, icon(picture));
  }
}
