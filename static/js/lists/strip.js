// The strip of jobs and comparisons, with thumbnails that live: those that wait in the order of their turns, the next one
// beside those that run, then all others, the newest first.

import { $, element, icon } from "../kit/dom.js";
import { apartFirst, withRequest } from "../state/apart.js";
import * as api from "../state/api.js";
import { QUEUED_TYPE } from "../state/jobs.js";
import { inStripOrder } from "../state/rows.js";
import { Frame, SIDE } from "./strip-frame.js";

/** @import { Jobs } from "../state/jobs.js" */

export class Strip {
  #isTelling = false;
  #frames = new Map(); // id of a job or of a comparison -> its frame
  #jobs;
  #navigation;
  #act;

  /**
   * @param {Jobs} jobs
   * @param act - {nameOf(row), requestOf(row), select(place), remove(id), removeComparison({id, exemplar, name, jobs}),
   *   putBefore(id, other), moveInQueue(row, way), fresh()}
   */
  constructor(jobs, navigation, act) {
    this.#jobs = jobs;
    this.#navigation = navigation;
    this.#act = act;
    this.fresh = element(
      "button",
      { type: "button", class: "frame new", onclick: act.fresh },
      icon("plus"),
      element("span", {}, "New"),
    );
    this.more = element(
      "button",
      { type: "button", class: "frame new", hidden: true },
      element("span", {}, "Load more"),
    );
    $("jobs").replaceChildren(element("li", {}, this.fresh), element("li", {}, this.more));
    this.#listenForQueued($("jobs"));
    jobs.addEventListener("row", ({ detail }) => this.#row(detail));
    jobs.addEventListener("removed", ({ detail }) => this.#removed(detail.id));
    jobs.addEventListener("named", ({ detail }) => this.#frames.get(detail.id)?.showName());
    jobs.addEventListener("picture", ({ detail }) => this.#picture(detail.id));
    navigation.addEventListener("place", () => this.#mark());
    this.#mark();
  }

  /** @param add fetches more jobs; null when there are none. */
  offerEarlier(add) {
    this.more.hidden = !add;
    this.more.onclick = add;
  }

  /** Something that waits is dropped beside something else that waits; a line shows where it would go. */
  #listenForQueued(list) {
    const aim = (frame) => this.#frames.forEach((one) => one.node.toggleAttribute("data-aimed", one === frame));
    list.addEventListener("dragover", (event) => {
      const frame = event.dataTransfer.types.includes(QUEUED_TYPE) ? this.#aimedAt(event) : null;
      if (frame) event.preventDefault();
      aim(frame);
    });
    list.addEventListener("dragleave", (event) => list.contains(event.relatedTarget) || aim(null));
    list.addEventListener("dragend", () => aim(null));
    list.addEventListener("drop", (event) => {
      const [id, frame] = [event.dataTransfer.getData(QUEUED_TYPE), this.#aimedAt(event)];
      aim(null);
      if (id && frame) this.#act.putBefore(id, frame.waiting.id);
    });
  }

  /** The frame before whose turn goes what is dropped there: the next turn stands on the right. */
  #aimedAt(event) {
    const waiting = this.#inOrder.filter(({ place }) => place);
    const at = waiting.findIndex(({ node }) => node.contains(event.target));
    if (at < 0) return null;
    const { left, width } = waiting[at].node.getBoundingClientRect();
    return (event.clientX < left + width / 2 && waiting[at - 1]) || waiting[at];
  }

  #row({ row, before }) {
    if (this.#jobs.isGuest(row)) return;
    const frame = this.#frames.get(row.comparison ?? row.id) ?? this.#add(row);
    const { place } = frame;
    frame.update(row);
    if (frame.place !== place || !frame.node.isConnected) this.#place(frame);
    if (before?.name !== row.name) this.#tellApartSoon();
    const settled = !before || (before.state !== row.state && row.state !== "running");
    // Of one that runs pictures come live, and there may be no other yet.
    if (settled && row.number > 0 && row.state !== "running") this.#load(row, api.previewPath(row.id));
    else if (!before && row.images.source) this.#load(row, api.imagePath(row.images.source, SIDE));
  }

  /** A new frame, which has its place once it has its row. */
  #add(row) {
    const kind = row.comparison ? "comparison" : "job";
    const entry = { kind, id: row.comparison ?? row.id, created: row.created };
    const frame = new Frame(entry, {
      nameOf: (one) => this.#givenTo(one) ?? this.#plainNameOf(one),
      fullNameOf: (one) => this.#givenTo(one) ?? (kind === "job" ? "" : "the comparison of ") + this.#plainNameOf(one),
      select: () => this.#act.select({ view: kind, id: entry.id }),
      moveInQueue: this.#act.moveInQueue,
      remove: (rows) => (kind === "job" ? this.#act.remove(entry.id) : this.#removeComparison(entry.id, rows)),
    });
    this.#frames.set(entry.id, frame);
    return frame;
  }

  /** What its owner has called the comparison that a job is a run of; nothing where there is no such name. */
  #givenTo({ comparison }) {
    return this.#jobs.names.get(comparison);
  }

  /** What a job is called; of a run what all runs of its comparison are. */
  #plainNameOf(row) {
    return this.#act.nameOf(row.comparison ? { ...row, name: null } : row);
  }

  #removeComparison(id, rows) {
    this.#act.removeComparison({ id, exemplar: this.#plainNameOf(rows[0]), name: this.#givenTo(rows[0]), jobs: rows });
  }

  get #inOrder() {
    return [...this.#frames.values()].sort(inStripOrder);
  }

  /** Puts a frame where it belongs; the focus, if it has it, goes with it. */
  #place(frame) {
    const order = this.#inOrder;
    const isNew = !frame.node.isConnected;
    const had = frame.node.contains(document.activeElement) && /** @type {HTMLElement} */ (document.activeElement);
    const next = order.slice(order.indexOf(frame) + 1).find(({ node }) => node.isConnected)?.node;
    (next ?? this.more.parentElement).before(frame.node);
    if (had) had.focus();
    if (isNew) this.#mark();
    this.#tellApartSoon();
  }

  /** Once all rows that come together are there. */
  #tellApartSoon() {
    if (!this.#isTelling) queueMicrotask(() => this.#tellApart());
    this.#isTelling = true;
  }

  /** Each job says first what tells it from those beside it. */
  #tellApart() {
    this.#isTelling = false;
    const order = this.#inOrder;
    const isAlike = (one, other) => one?.kind === "job" && one.name === other.name;
    order.forEach((frame, at) => {
      if (frame.kind !== "job") return;
      const alike = [order[at - 1], order[at + 1]].filter((one) => isAlike(one, frame));
      const [own, ...others] = [frame, ...alike].map(({ rows: [row] }) => withRequest(row, this.#act.requestOf));
      frame.tellApart(apartFirst(own, others));
    });
  }

  #frameOf(id) {
    return [...this.#frames.values()].find(({ rows }) => rows.some((row) => row.id === id));
  }

  #removed(id) {
    const frame = this.#frameOf(id);
    if (!frame) return;
    frame.drop(id);
    if (frame.rows.length) return;
    const had = frame.node.contains(document.activeElement);
    frame.node.remove();
    this.#frames.delete(frame.id);
    this.#tellApartSoon();
    if (had) this.fresh.focus();
    this.#mark();
  }

  #picture(id) {
    const picture = this.#jobs.pictures.get(id);
    if (picture) this.#frameOf(id)?.picture(id, picture.bitmap);
  }

  async #load({ id }, path) {
    try {
      const bitmap = await api.bitmap(path);
      if (!this.#jobs.pictures.has(id)) this.#frameOf(id)?.picture(id, bitmap);
      bitmap.close();
    } catch (problem) {
      if (problem.status !== 404) throw problem; // 404: it has no picture yet
    }
  }

  #mark() {
    $("strip").classList.toggle("lonely", this.#frames.size === 0);
    const mark = (button, chosen) =>
      chosen ? button.setAttribute("aria-current", "true") : button.removeAttribute("aria-current");
    mark(this.fresh, this.#navigation.isAt("new"));
    const here = ({ kind, id }) => this.#navigation.isAt(kind, id);
    for (const frame of this.#frames.values()) mark(frame.button, here(frame));
    const chosen = [...this.#frames.values()].find(here);
    chosen?.node.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
}
