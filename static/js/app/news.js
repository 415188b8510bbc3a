// What the server says, told to the parts that show it.

import { announce, attempt, banner, complain } from "../kit/notices.js";
import { NEW, placeAt } from "../state/addresses.js";
import * as api from "../state/api.js";
import { receive } from "../state/frames.js";
import { titleOf } from "../state/names.js";
import { share, stateWord } from "../state/rows.js";
import { connect } from "../state/socket.js";
import { showWeights } from "./weights.js";

/** @import { Jobs } from "../state/jobs.js" */

const GONE = "Connection lost, reconnecting… The page shows the last known state.";
const FOREIGN = "Job not found, or made in another browser.";
const UNDER_WAY = ["running", "queued", "paused"];

/** Speaks of changes of the job shown, and of each quarter of its way. */
export function announceProgress(jobs) {
  jobs.addEventListener("row", ({ detail: { row, before } }) => {
    if (!before || row.id !== jobs.selected) return;
    const name = titleOf(row);
    const quarter = (of) => Math.floor(4 * share(of));
    if (row.state !== before.state)
      announce(`${name}: ${stateWord(row.state).toLowerCase()}. ${row.message ?? ""}`.trim());
    else if (quarter(row) > quarter(before) && quarter(row) < 4) announce(`${name}: ${25 * quarter(row)} % done`);
  });
}

export class News {
  #jobs;
  #navigation;
  #strip;
  #describe;
  #comparison;
  #opened = false;
  #watched = null; // the comparison that the server was last asked for

  /**
   * @param {Jobs} jobs
   * @param comparison the view of one, told what the server says of it.
   * @param describe reads methods and samples, unless they have been read; resolves to true when the page is complete.
   */
  constructor(jobs, navigation, strip, comparison, describe) {
    this.#jobs = jobs;
    this.#navigation = navigation;
    this.#strip = strip;
    this.#comparison = comparison;
    this.#describe = describe;
  }

  listen() {
    const watch = this.#connect();
    this.#navigation.addEventListener("place", () => this.#wanted !== this.#watched && watch());
  }

  /** The comparison that is shown, or will be. */
  get #wanted() {
    const place = this.#opened ? this.#navigation.place : placeAt(location.pathname);
    return place.view === "comparison" ? place.id : null;
  }

  #connect() {
    const [jobs, navigation] = [this.#jobs, this.#navigation];
    const wanted = () => (this.#watched = this.#wanted);
    return connect(wanted, {
      snapshot: (answer) => this.#takeSnapshot(answer),
      refused: (id, problem) => this.#comparison.refuse(id, problem),
      comparison: (id) => this.#comparison.changed(id),
      row: (row) => jobs.setRow(row),
      removed: (id) => navigation.removed(id),
      step: (message) => jobs.step(message),
      frame: (frame) => receive(jobs, frame),
      weights: showWeights,
      gone: (reason) => banner("connection", "bad", reason ?? GONE),
      back: () => banner("connection"),
    });
  }

  async #takeSnapshot({ comparison, jobs: entries, weights }) {
    if (!(await attempt(this.#describe))) return; // rows are shown in the words of the catalogue
    if (comparison) this.#comparison.take(comparison);
    for (const { job, points, frame } of entries) {
      this.#jobs.setRow(job);
      this.#jobs.setPoints(job.id, points);
      if (frame) receive(this.#jobs, { job: job.id, ...frame });
    }
    if (weights) showWeights(weights);
    await this.#refresh();
    if (!this.#opened) await this.#showFirst();
  }

  /** The list of jobs, which also holds those that have ended meanwhile. */
  async #refresh() {
    const answer = await attempt(() => api.jobsBefore(null));
    if (!answer) return;
    this.#take(answer);
    if (answer.next !== null) return;
    const listed = new Set(answer.jobs.map(({ id }) => id));
    const ours = this.#jobs.list().map(({ id }) => id);
    ours.filter((id) => !listed.has(id)).forEach((id) => this.#navigation.removed(id));
  }

  #offerEarlier(next) {
    this.#strip.offerEarlier(next && (() => this.#addEarlier(next)));
  }

  async #addEarlier(next) {
    const answer = await attempt(() => api.jobsBefore(next));
    if (answer) this.#take(answer);
  }

  #take({ jobs, names, next }) {
    const comparisons = new Set(jobs.map(({ comparison }) => comparison).filter(Boolean));
    for (const id of comparisons) this.#jobs.setName(id, names[id] ?? null);
    jobs.forEach((row) => this.#jobs.setRow(row));
    this.#offerEarlier(next);
  }

  /** At the first look: what the address says, else what is under way. */
  async #showFirst() {
    this.#opened = true;
    const address = placeAt(location.pathname);
    const unknown = address.view === "job" && !this.#jobs.rows.has(address.id);
    const asked = unknown ? await this.#fetchAsked(address.id) : address;
    this.#navigation.settleAt(asked.view !== "new" || unknown ? asked : this.#underWay());
    document.documentElement.dataset.ready = "true";
  }

  /** Where something happens; a new texture where nothing does. */
  #underWay() {
    const ofState = (state) => this.#jobs.list().find((row) => row.state === state);
    const row = UNDER_WAY.map(ofState).find(Boolean);
    if (!row) return { view: "new", id: null };
    return row.comparison ? { view: "comparison", id: row.comparison } : { view: "job", id: row.id };
  }

  /** Where a job is seen that is too old for the first page of the list; one that others show, in its comparison; else a new one. */
  async #fetchAsked(id) {
    try {
      const row = await api.job(id);
      const { comparison } = row;
      if (comparison && !(await api.comparison(comparison)).own) return { view: "comparison", id: comparison };
      this.#jobs.setRow(row);
      return { view: "job", id };
    } catch (problem) {
      complain(problem.status === 404 ? FOREIGN : problem.message);
      return NEW;
    }
  }
}
