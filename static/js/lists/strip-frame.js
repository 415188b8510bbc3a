// A frame of the strip: one job, or all runs of a comparison, with thumbnails that live.

import { element, icon, write } from "../kit/dom.js";
import { taken } from "../kit/words.js";
import { stateOf } from "../state/catalogue.js";
import { JOB_TYPE, QUEUED_TYPE } from "../state/jobs.js";
import { foremost, isPainting, percent, stateWord } from "../state/rows.js";
import { paintMiddle } from "./painting.js";

export const SIDE = 112; // a thumbnail's pixels: 56 on a screen of double density
const WAYS = { ArrowUp: -1, ArrowDown: 1, ArrowRight: -1, ArrowLeft: 1 }; // in the queue, with Alt
const MOST_TILES = 4; // pictures of a comparison that a thumbnail has room for

function jobWords(row) {
  if (row.state === "queued") return row.place ? `Queued, place ${row.place}` : "Queued";
  if (row.state === "running" || row.state === "paused") return `${stateWord(row.state)} ${percent(row)} %`;
  return row.state === "done" ? `Done in ${taken(row.seconds)}` : stateWord(row.state);
}

const mean = (rows) => Math.floor(rows.reduce((sum, row) => sum + percent(row), 0) / rows.length);

function runsWords(rows, state) {
  const runs = `${rows.length} ${rows.length === 1 ? "run" : "runs"}`;
  return !stateOf(state).ended ? `${runs}, ${mean(rows)} %` : `${runs}, ${stateWord(state).toLowerCase()}`;
}

/**
 * Where the tile of that number goes in a thumbnail of so many: x, y, width, height.
 * @returns {[number, number, number, number]}
 */
function cell(number, count) {
  const half = SIDE / 2;
  if (count === 3 && number) return [half, (number - 1) * half, half, half];
  const [columns, lines] = [count > 1 ? 2 : 1, count > 3 ? 2 : 1];
  const [width, height] = [SIDE / columns, SIDE / lines];
  return [(number % columns) * width, Math.floor(number / columns) * height, width, height];
}

export class Frame {
  #rows = new Map();
  #tiles = new Map(); // job's id -> a canvas with its picture
  #thumb = element("canvas", { class: "thumb", width: SIDE, height: SIDE, "aria-hidden": "true" });
  #state = element("span");
  #title = element("span", { class: "title" });
  #about = element("span", { class: "about" });
  #bin;
  #act;
  #fill = element("i");
  #bar = element("span", { class: "bar", "aria-hidden": "true" }, this.#fill);

  /**
   * @param entry - {kind: "job" or "comparison", id, created}
   * @param act - {select(), remove(rows), nameOf(row), fullNameOf(row), moveInQueue(row, way)}: the last of jobs that
   *   wait.
   */
  constructor(entry, act) {
    this.kind = entry.kind;
    this.id = entry.id;
    this.created = entry.created;
    this.#act = act;
    const ondragstart = (event) => {
      const { id, state } = this.waiting ?? this.rows[0];
      event.dataTransfer.setData(state === "queued" ? QUEUED_TYPE : JOB_TYPE, id);
    };
    const state = element("span", { class: "state" }, element("span", { class: "dot" }), this.#state);
    this.button = element(
      "button",
      { type: "button", class: "frame", ondragstart, onclick: act.select },
      this.#thumb,
      this.#title,
      this.#about,
      state,
      this.#bar,
    );
    const bin = { type: "button", class: "delete", title: "Delete", onclick: () => act.remove(this.rows) };
    this.#bin = element("button", bin, icon("trash"));
    this.node = element("li", { [`data-${entry.kind}`]: entry.id }, this.button, this.#bin);
    this.button.addEventListener("keydown", (event) => this.#key(event));
  }

  /** The same as dragging, by one place. */
  #key(event) {
    const way = event.altKey && WAYS[event.key];
    if (!way || !this.place) return;
    event.preventDefault();
    this.#act.moveInQueue(this.waiting, way);
  }

  /** One of its jobs that waits in the queue, if any does. */
  get waiting() {
    return this.rows.find(({ state }) => state === "queued");
  }

  /** Its place in the queue; null while one of its jobs runs, and of what a model paints, which has no such place. */
  get place() {
    const { waiting } = this;
    return waiting && foremost(this.rows) === "queued" && !isPainting(waiting) ? waiting.place : null;
  }

  /** Oldest first. */
  get rows() {
    const age = (one, other) => one.created.localeCompare(other.created) || one.id.localeCompare(other.id);
    return [...this.#rows.values()].sort(age);
  }

  update(row) {
    const isNew = !this.#rows.has(row.id);
    this.#rows.set(row.id, row);
    this.#show();
    if (isNew) this.#paint();
  }

  /** Takes a job out. */
  drop(id) {
    this.#rows.delete(id);
    this.#tiles.delete(id);
    if (this.#rows.size) this.#show();
    this.#paint();
  }

  /** The picture of one of its jobs. */
  picture(id, bitmap) {
    if (!this.#tiles.has(id)) this.#tiles.set(id, element("canvas", { width: SIDE, height: SIDE }));
    const pen = this.#tiles.get(id).getContext("2d");
    paintMiddle(pen, bitmap, [0, 0, SIDE, SIDE]);
    this.#paint();
  }

  #show() {
    const { rows } = this;
    const state = foremost(rows);
    this.button.dataset.state = state;
    this.button.draggable = this.kind === "job" || Boolean(this.waiting);
    if (this.place) this.button.setAttribute("aria-keyshortcuts", "Alt+ArrowRight Alt+ArrowLeft");
    else this.button.removeAttribute("aria-keyshortcuts");
    this.showName();
    write(this.#state, this.kind === "job" ? jobWords(rows[0]) : runsWords(rows, state));
    this.#bar.hidden = stateOf(state).ended;
    this.#fill.style.transform = `scaleX(${mean(rows) / 100})`;
  }

  get name() {
    return this.#act.nameOf(this.rows[0]);
  }

  showName() {
    const [first] = this.rows;
    write(this.#title, this.name);
    const label = [this.#act.fullNameOf(first), this.#about.textContent].filter(Boolean).join(", ");
    this.#bin.setAttribute("aria-label", `Delete ${label}`);
  }

  /** @param {string} words what tells the job from those beside it, and then the rest. */
  tellApart(words) {
    write(this.#about, words);
    this.button.title = words;
    this.showName();
  }

  #paint() {
    const pen = this.#thumb.getContext("2d");
    const tiles = this.rows.map(({ id }) => this.#tiles.get(id)).slice(0, MOST_TILES);
    pen.clearRect(0, 0, SIDE, SIDE);
    tiles.forEach((tile, number) => tile && paintMiddle(pen, tile, cell(number, tiles.length)));
  }
}
