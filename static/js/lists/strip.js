// The strip of jobs and comparisons: newest first, thumbnails that live, places in the queue.

import { $, element, icon } from "../kit/dom.js";
import * as api from "../state/api.js";
import { Frame, SIDE } from "./strip-frame.js";

/** @import { Jobs } from "../state/jobs.js" */

export class Strip {
  #frames = new Map(); // id of a job or of a comparison -> its frame
  #jobs;
  #navigation;
  #act;

  /**
   * @param {Jobs} jobs
   * @param act - {nameOf(row), aboutOf(row), select(place), remove(id), removeComparison({id, exemplar, name, jobs}),
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

  #row({ row, before }) {
    if (this.#jobs.isGuest(row)) return;
    (this.#frames.get(row.comparison ?? row.id) ?? this.#add(row)).update(row);
    const settled = !before || (before.state !== row.state && row.state !== "running");
    if (settled && row.number > 0) this.#load(row, api.previewPath(row.id));
    else if (!before && row.images.source) this.#load(row, api.imagePath(row.images.source, SIDE));
  }

  /** A new frame, behind all that are newer. */
  #add(row) {
    const kind = row.comparison ? "comparison" : "job";
    const entry = { kind, id: row.comparison ?? row.id, created: row.created };
    if (kind === "job") entry.about = this.#act.aboutOf(row);
    const frame = new Frame(entry, {
      nameOf: (one) => this.#givenTo(one) ?? this.#act.nameOf(one),
      fullNameOf: (one) => this.#givenTo(one) ?? (kind === "job" ? "" : "the comparison of ") + this.#act.nameOf(one),
      select: () => this.#act.select({ view: kind, id: entry.id }),
      putBefore: this.#act.putBefore,
      moveInQueue: this.#act.moveInQueue,
      remove: (rows) => (kind === "job" ? this.#act.remove(entry.id) : this.#removeComparison(entry.id, rows)),
    });
    this.#place(frame);
    this.#frames.set(entry.id, frame);
    this.#mark();
    return frame;
  }

  /** What its owner has called the comparison that a job is a run of; nothing where there is no such name. */
  #givenTo({ comparison }) {
    return this.#jobs.names.get(comparison);
  }

  #removeComparison(id, rows) {
    this.#act.removeComparison({ id, exemplar: this.#act.nameOf(rows[0]), name: this.#givenTo(rows[0]), jobs: rows });
  }

  #place(frame) {
    const newer = (one) => one.created.localeCompare(frame.created) || one.id.localeCompare(frame.id);
    const nodes = [...this.#frames.values()].filter((one) => newer(one) < 0).map(({ node }) => node);
    const next = [...$("jobs").children].find((node) => nodes.includes(node));
    (next ?? this.more.parentElement).before(frame.node);
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
      this.#frameOf(id)?.picture(id, bitmap);
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
