// What the server says, told to the parts that show it.

import * as api from "./api.js";
import { nameOf } from "./exemplar.js";
import { receive } from "./frames.js";
import { announce, attempt, banner, complain } from "./notices.js";
import { connect } from "./socket.js";
import { STATES } from "./words.js";
import { showWeights } from "./weights.js";

const GONE = "The server does not answer. Trying again; what is on the page is how things stood last.";
const FOREIGN = "The job of this address is gone, or belongs to another browser.";
const UNDER_WAY = ["running", "queued", "paused"];

/** Speaks of changes of the job shown, and of each quarter of its way. */
export function announceProgress(jobs) {
  jobs.addEventListener("row", ({ detail: { row, before } }) => {
    if (!before || row.id !== jobs.selected) return;
    const name = nameOf(row.images.source);
    const quarter = (of) => Math.floor((4 * of.number) / (row.total ?? Infinity));
    if (row.state !== before.state)
      announce(`${name}: ${STATES[row.state].toLowerCase()}. ${row.message ?? ""}`.trim());
    else if (quarter(row) > quarter(before) && row.number < row.total) announce(`${name}: ${25 * quarter(row)} % done`);
  });
}

export class News {
  #jobs;
  #navigation;
  #strip;
  #describe;
  #opened = false;

  /** @param describe reads methods and samples, unless they have been read; resolves when the page is complete. */
  constructor(jobs, navigation, strip, describe) {
    this.#jobs = jobs;
    this.#navigation = navigation;
    this.#strip = strip;
    this.#describe = describe;
  }

  listen() {
    const [jobs, navigation] = [this.#jobs, this.#navigation];
    return connect({
      snapshot: (answer) => this.#takeSnapshot(answer),
      row: (row) => jobs.setRow(row),
      removed: (id) => navigation.removed(id),
      step: (message) => jobs.step(message),
      frame: (frame) => receive(jobs, frame),
      weights: showWeights,
      gone: (reason) => banner("connection", "bad", reason ?? GONE),
      back: () => banner("connection"),
    });
  }

  async #takeSnapshot({ jobs: entries, weights }) {
    for (const { job, points, frame } of entries) {
      this.#jobs.setRow(job);
      this.#jobs.setPoints(job.id, points);
      if (frame) receive(this.#jobs, { job: job.id, ...frame });
    }
    if (weights) showWeights(weights);
    await attempt(this.#describe);
    await this.#refresh();
    if (!this.#opened) await this.#showFirst();
  }

  /** The list of jobs, which also holds those that have ended meanwhile. */
  async #refresh() {
    const answer = await attempt(() => api.jobsBefore(null));
    if (!answer) return;
    answer.jobs.forEach((row) => this.#jobs.setRow(row));
    this.#offerEarlier(answer.next);
    if (answer.next !== null) return;
    const listed = new Set(answer.jobs.map(({ id }) => id));
    [...this.#jobs.rows.keys()].filter((id) => !listed.has(id)).forEach((id) => this.#navigation.removed(id));
  }

  #offerEarlier(next) {
    this.#strip.offerEarlier(next && (() => this.#addEarlier(next)));
  }

  async #addEarlier(next) {
    const answer = await attempt(() => api.jobsBefore(next));
    if (!answer) return;
    answer.jobs.forEach((row) => this.#jobs.setRow(row));
    this.#offerEarlier(answer.next);
  }

  /** At the first look: the job of the address, else one that is under way. */
  async #showFirst() {
    this.#opened = true;
    const asked = document.body.dataset.job;
    if (asked && !this.#jobs.rows.has(asked)) await this.#fetchAsked(asked);
    const ofState = (state) => this.#jobs.list().find((row) => row.state === state);
    const first = this.#jobs.rows.get(asked) ?? UNDER_WAY.map(ofState).find(Boolean);
    if (first || asked) this.#navigation.settle(first?.id ?? null);
    document.documentElement.dataset.ready = "true";
  }

  /** A job too old for the first page of the list, or none of ours. */
  async #fetchAsked(id) {
    try {
      this.#jobs.setRow(await api.job(id));
    } catch (problem) {
      complain(problem.status === 404 ? FOREIGN : problem.message);
    }
  }
}
