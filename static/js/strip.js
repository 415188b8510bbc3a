// The strip of jobs: newest first, thumbnails that live, places in the queue.

import * as api from "./api.js";
import { $, element, icon, write } from "./dom.js";
import { STATES, UNFINISHED, clock, percent } from "./words.js";

const SIDE = 112; // a thumbnail's pixels: 56 on a screen of double density

function stateWords(row) {
  if (row.state === "queued") return row.place ? `Queued, place ${row.place}` : "Queued";
  if (row.state === "running" || row.state === "paused") return `${STATES[row.state]} ${percent(row)} %`;
  return row.state === "done" ? `Done in ${clock(row.seconds)}` : STATES[row.state];
}

/** The middle square of a bitmap, drawn into a thumbnail. */
function paintThumb(canvas, bitmap) {
  const side = Math.min(bitmap.width, bitmap.height);
  const [x, y] = [(bitmap.width - side) / 2, (bitmap.height - side) / 2];
  canvas.getContext("2d").drawImage(bitmap, x, y, side, side, 0, 0, canvas.width, canvas.height);
}

class Frame {
  constructor(row, { nameOf, select, remove }) {
    const name = nameOf(row);
    this.thumb = element("canvas", { class: "thumb", width: SIDE, height: SIDE, "aria-hidden": "true" });
    this.state = element("span");
    this.dot = element("span", { class: "dot" });
    this.fill = element("i");
    this.bar = element("span", { class: "bar", "aria-hidden": "true" }, this.fill);
    const words = [
      element("span", { class: "title" }, name),
      element("span", { class: "state" }, this.dot, this.state),
    ];
    this.button = element(
      "button",
      { type: "button", class: "frame", onclick: () => select(row.id) },
      this.thumb,
      ...words,
      this.bar,
    );
    const bin = element(
      "button",
      {
        type: "button",
        class: "delete",
        "aria-label": `Delete ${name}`,
        title: "Delete",
        onclick: () => remove(row.id),
      },
      icon("trash"),
    );
    this.node = element("li", { "data-job": row.id }, this.button, bin);
    this.update(row);
  }

  update(row) {
    this.button.dataset.state = row.state;
    write(this.state, stateWords(row));
    this.bar.hidden = !UNFINISHED.includes(row.state);
    this.fill.style.transform = `scaleX(${percent(row) / 100})`;
  }
}

export class Strip {
  #frames = new Map();
  #jobs;
  #act;

  /** @param act {nameOf(row), select(id), remove(id), fresh()} */
  constructor(jobs, act) {
    this.#jobs = jobs;
    this.#act = act;
    this.fresh = element(
      "button",
      { type: "button", class: "frame new", onclick: act.fresh },
      icon("plus"),
      element("span", {}, "New"),
    );
    this.more = element("button", { type: "button", class: "frame new", hidden: true }, element("span", {}, "Earlier"));
    $("jobs").replaceChildren(element("li", {}, this.fresh), element("li", {}, this.more));
    jobs.addEventListener("row", ({ detail }) => this.#row(detail));
    jobs.addEventListener("removed", ({ detail }) => this.#removed(detail.id));
    jobs.addEventListener("picture", ({ detail }) => this.#picture(detail.id));
    jobs.addEventListener("selected", () => this.#mark());
    this.#mark();
  }

  /** @param add fetches more jobs; null when there are none. */
  offerEarlier(add) {
    this.more.hidden = !add;
    this.more.onclick = add;
  }

  #row({ row, before }) {
    const frame = this.#frames.get(row.id);
    if (frame) frame.update(row);
    else this.#add(row);
    const settled = !before || (before.state !== row.state && row.state !== "running");
    if (settled && row.number > 0) this.#load(row.id, api.previewPath(row.id));
    else if (!before) this.#load(row.id, api.imagePath(row.images.source, SIDE));
  }

  #add(row) {
    const frame = new Frame(row, this.#act);
    this.#frames.set(row.id, frame);
    const order = this.#jobs.list();
    const next = order[order.findIndex(({ id }) => id === row.id) + 1];
    const before = this.#frames.get(next?.id)?.node ?? this.more.parentNode;
    before.before(frame.node);
    this.#mark();
  }

  #removed(id) {
    const node = this.#frames.get(id)?.node;
    const had = node?.contains(document.activeElement);
    node?.remove();
    this.#frames.delete(id);
    if (had) this.fresh.focus();
    this.#mark();
  }

  #picture(id) {
    const frame = this.#frames.get(id);
    const picture = this.#jobs.pictures.get(id);
    if (frame && picture) paintThumb(frame.thumb, picture.bitmap);
  }

  async #load(id, path) {
    try {
      const bitmap = await api.bitmap(path);
      const frame = this.#frames.get(id);
      if (frame) paintThumb(frame.thumb, bitmap);
      bitmap.close();
    } catch (problem) {
      if (problem.status !== 404) throw problem; // 404: it has no picture yet
    }
  }

  #mark() {
    $("strip").classList.toggle("lonely", this.#frames.size === 0);
    const mark = (button, chosen) =>
      chosen ? button.setAttribute("aria-current", "true") : button.removeAttribute("aria-current");
    mark(this.fresh, this.#jobs.selected === null);
    for (const [id, frame] of this.#frames) mark(frame.button, id === this.#jobs.selected);
    const chosen = this.#frames.get(this.#jobs.selected)?.node;
    chosen?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
}
