// How work begins: a picture comes in, Start is pressed, or settings are used again. What Start starts: a job, which may
// go on from a model; with runs in the tray a comparison; beside a comparison one more run of it.

import * as api from "./api.js";
import { $, write } from "./dom.js";
import { exemplarOf } from "./exemplar.js";
import { clearComplaints, complain } from "./notices.js";
import { title } from "./words.js";

export class Starting {
  #jobs;
  #form;
  #exemplar;
  #navigation;
  #tray;
  #adding;
  #further;

  constructor(jobs, form, exemplar, navigation, { tray, adding, further }) {
    this.#jobs = jobs;
    this.#form = form;
    this.#exemplar = exemplar;
    this.#navigation = navigation;
    this.#tray = tray;
    this.#adding = adding;
    this.#further = further;
    for (const one of [tray, adding, further]) one.addEventListener("change", () => this.#label());
    this.#label();
  }

  #label() {
    const count = this.#tray.runs.length;
    const compare = count === 1 ? "Compare 1 run" : `Compare ${count} runs`;
    const job = count ? compare : "Start";
    write($("start-word"), this.#adding.comparison ? "Add this run" : this.#further.model ? "Train further" : job);
  }

  /** A file that was dropped, pasted or chosen. */
  bring(file) {
    clearComplaints();
    this.#navigation.select(null);
    return this.#exemplar.bring(file);
  }

  pickSample(sample) {
    this.#navigation.select(null);
    this.#exemplar.set(sample);
    $("start").focus({ preventScroll: true });
  }

  /** The settings of a job, its exemplar, and the model that it went on from, for a new one. */
  reuse(row) {
    this.#fill(row);
    this.#goOnFrom(row.images.model, row);
  }

  /** The settings of the job that left a model, to go on from that: one says how much longer. */
  trainFurther(row) {
    if (!this.#form.method(row.method)) return complain(`${title(row.method)} cannot be chosen here.`);
    this.#fill(row);
    this.#goOnFrom(row.id, row);
    const budget = $(row.params.minutes ? "field-minutes" : "field-steps") ?? $("start");
    return budget.focus();
  }

  #fill(row) {
    this.#form.fill(row);
    this.#exemplar.set({ id: row.images.source, name: exemplarOf(row) });
    this.#navigation.select(null);
  }

  #goOnFrom(model, row) {
    this.#further.set(model ? { id: model, name: exemplarOf(row), source: row.images.source } : null);
  }

  /** The runs and the exemplar of a comparison, for a new one. */
  reuseRuns(rows) {
    this.#tray.replace(rows.map((row) => this.#form.requestOf(row) ?? { method: row.method, params: row.params }));
    this.#fill(rows[0]);
    this.#further.set(null);
  }

  async start() {
    this.#form.clearProblems();
    clearComplaints();
    if (this.#adding.comparison) await this.#attempt(() => this.#addRun());
    else if (this.#exemplar.picture)
      await this.#attempt(() => (this.#tray.runs.length && !this.#further.model ? this.#compare() : this.#one()));
    else {
      this.#exemplar.complain("First choose a picture: drop one, paste one, or take a sample.");
      this.#navigation.browse();
    }
  }

  async #one() {
    const model = this.#further.model?.id;
    const images = { source: this.#exemplar.picture.id, ...(model && { model }) };
    const row = await api.start({ ...this.#form.request(), images });
    this.#further.set(null);
    this.#jobs.setRow(row);
    this.#navigation.select(row.id);
    $("stage").focus({ preventScroll: true }); // so that the space bar pauses
  }

  async #compare() {
    const request = { images: { source: this.#exemplar.picture.id }, runs: this.#tray.runs };
    const { id, jobs } = await api.compare(request);
    jobs.forEach((row) => this.#jobs.setRow(row));
    this.#tray.clear();
    this.#navigation.go({ view: "comparison", id });
    $("comparison").focus({ preventScroll: true }); // so that the space bar pauses
  }

  async #addRun() {
    const row = await api.addRun(this.#adding.comparison.id, this.#form.request());
    this.#jobs.setRow(row);
    this.#adding.close();
  }

  async #attempt(work) {
    $("start").disabled = true;
    try {
      await work();
    } catch (problem) {
      this.#explain(problem);
    } finally {
      $("start").disabled = false;
    }
  }

  /** Shows what was wrong where it can be mended: a run of the tray goes back into the form. */
  #explain(problem) {
    if (problem.field?.startsWith("images")) return this.#exemplar.complain(problem.message);
    const run = this.#tray.runs[problem.field?.match(/^runs\.(\d+)\./)?.[1]];
    if (run) this.#tray.choose(run);
    return this.#form.showProblem(problem);
  }
}
