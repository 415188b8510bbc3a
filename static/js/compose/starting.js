// How work begins: a picture comes in, Start is pressed, or settings are used again. What Start starts: a job, which may
// go on from a model; with runs in the tray a comparison; beside a comparison one more run of it. What “Try 4 seeds” starts: a
// comparison of runs that differ by their seed alone.

import { $, tell, write } from "../kit/dom.js";
import { announce, clearComplaints, complain, offer } from "../kit/notices.js";
import { same } from "../kit/schema.js";
import { sentence, title } from "../kit/words.js";
import * as api from "../state/api.js";
import { materialMethod } from "../state/catalogue.js";
import { exemplarOf, titleOf } from "../state/names.js";
import { MEND, isTile } from "../state/rows.js";
import { Forecast } from "./forecast.js";

/** @import { Jobs } from "../state/jobs.js" */

const FIRST = "First choose a picture: drop one, paste one, or take a sample.";
const TWIN = "You have this one already: the same pictures, settings and seed.";
const LOST = ["failed", "cancelled"]; // states of jobs that may be started once more
const SEEDS = 4; // that are tried at once

export class Starting {
  #jobs;
  #form;
  #pictures;
  #navigation;
  #tray;
  #adding;
  #further;
  #forecast;
  #made = new Map(); // id of a job that was started here -> the request

  /** @param {Jobs} jobs */
  constructor(jobs, form, pictures, navigation, { tray, adding, further }) {
    this.#jobs = jobs;
    this.#form = form;
    this.#pictures = pictures;
    this.#navigation = navigation;
    this.#tray = tray;
    this.#adding = adding;
    this.#further = further;
    for (const one of [tray, adding, further]) one.addEventListener("change", () => this.#label());
    this.#forecast = new Forecast(() => this.#planned, form, [form, pictures, tray, adding, further]);
    for (const event of ["method", "seed"]) form.addEventListener(event, () => this.#label());
    for (const one of [form, pictures, adding, further]) one.addEventListener("change", () => this.#tellWhose());
    jobs.addEventListener("selected", () => this.#tellWhose());
    $("whose-take").addEventListener("click", () => {
      const { current: row } = jobs;
      this.#take(row);
      this.#goOnFrom(row.images.model, row);
      $("start").focus({ preventScroll: true });
    });
    $("try-seeds").addEventListener("click", () => this.#trySeeds());
    this.#label();
  }

  #label() {
    const count = this.#tray.runs.length;
    const compare = count === 1 ? "Compare 1 run" : `Compare ${count} runs`;
    const job = count ? compare : "Start";
    $("try-seeds").hidden = Boolean(this.#adding.comparison || this.#further.model || !this.#form.hasSeed);
    write($("start-word"), this.#adding.comparison ? "Add this run" : this.#further.model ? "Continue training" : job);
  }

  /** A file that was dropped, pasted or chosen; `aimed` says whether at this very slot. */
  bring(file, slot, aimed) {
    clearComplaints();
    if (!aimed || slot === this.#pictures.source) this.#navigation.select(null);
    return slot.bring(file);
  }

  pickSample(sample) {
    this.#navigation.select(null);
    this.#pictures.source.set(sample);
    (this.#pictures.lacking(this.#methodsOf(this.#collected))[0] ?? $("start")).focus({ preventScroll: true });
  }

  /** The settings of a job, its pictures, and the model that it went on from, for a new one. */
  reuse(row) {
    this.#fill(row);
    this.#goOnFrom(row.images.model, row);
  }

  /** The settings of the job that left a model, to go on from that: one says how much longer. */
  trainFurther(row) {
    if (!this.#form.method(row.method)) return complain(`${title(row.method)} cannot be chosen here.`);
    this.#fill(row);
    this.#goOnFrom(row.id, row);
    const budget = document.getElementById(row.params.minutes ? "field-minutes" : "field-steps") ?? $("start");
    return budget.focus();
  }

  /** Starts a job that goes on from another one's result, "2" or "4" times as large: the same layout with more detail. */
  continueLarger(row, by) {
    return this.#startFrom(row, async () => {
      const { params, images: others, refusal } = await api.larger(row.id, by);
      if (refusal) return complain(sentence(refusal));
      const { id: initial } = await api.resultPicture(row.id);
      const [images, { method }] = [{ ...others, initial }, row];
      if (!(await this.#forecast.allows({ images, runs: [{ method, params }] }))) return undefined;
      return { method, params, images };
    });
  }

  /** Starts a job that makes the maps of a material from the result of another one. */
  makeMaterial(row) {
    return this.#startFrom(row, async () => {
      const { id: source } = await api.resultPicture(row.id);
      return { method: materialMethod().name, params: { tile: row.params.tile }, images: { source } };
    });
  }

  /** Takes the result of a job as the picture to mend, and lets the part be painted that is to be filled. */
  async mend(row) {
    this.#form.take({ method: MEND, preset: null, params: { tile: isTile(row) ? row.params.tile : "none" } });
    this.#navigation.select(null);
    const [source, mask] = ["source", "mask"].map((role) => this.#pictures.get(role));
    mask.set(null);
    await source.bringResult(row);
    if (!source.complains) mask.browse();
  }

  /** Starts a job like another one, with some other settings. */
  makeAnew(row, others) {
    const { method, params, images } = row;
    return this.#startFrom(row, async () => ({ method, params: { ...params, ...others }, images }));
  }

  /** Starts what `prepare` asks for, if anything, and shows it unless somebody has gone elsewhere meanwhile. */
  #startFrom(row, prepare) {
    const before = location.pathname;
    return this.#attempt(
      async () => {
        announce(`Preparing ${titleOf(row)}…`);
        const request = await prepare();
        if (!request) return;
        const made = await api.start(request);
        this.#jobs.setRow(made);
        if (location.pathname === before) this.#show(made);
      },
      ({ message }) => complain(sentence(message)),
    );
  }

  #fill(row) {
    this.#take(row);
    this.#navigation.select(null);
  }

  #take(row) {
    this.#form.fill(row);
    this.#pictures.fill(row, this.#form.method(row.method)?.images ?? []);
  }

  /** Says so where the settings are not those of the picture on the stage, and offers those. */
  #tellWhose() {
    const row = this.#jobs.current;
    const takes = row && this.#form.method(row.method) && !this.#adding.comparison;
    $("whose").hidden = !takes || this.#isOf(row);
  }

  #isOf(row) {
    const run = this.#form.request();
    const images = this.#pictures.given([this.#form.chosen]);
    const model = this.#further.model?.id;
    return this.#leadsTo({ ...run, images: { ...images, ...(model && { model }) } }, row);
  }

  #goOnFrom(model, row) {
    this.#further.set(model ? { id: model, name: exemplarOf(row), source: row.images.source } : null);
  }

  /** The runs and the pictures of a comparison, for a new one. */
  reuseRuns(rows) {
    this.#tray.replace(rows.map((row) => this.#form.requestOf(row) ?? { method: row.method, params: row.params }));
    this.#fill(rows[0]);
    const all = (what) => Object.assign({}, ...rows.map((row) => row[what]));
    this.#pictures.fill({ images: all("images"), names: all("names") }, []);
    this.#further.set(null);
  }

  start() {
    if (this.#adding.comparison) return this.#form.check() && this.#attempt(() => this.#addRun());
    const runs = this.#collected;
    if (!runs.length && !this.#form.check()) return undefined;
    return this.#attempt(
      () => this.#begin(runs),
      (problem) => this.#explain(problem, runs),
    );
  }

  #trySeeds() {
    if (!this.#form.check()) return undefined;
    const runs = this.#form.seeded(SEEDS);
    return this.#attempt(
      () => this.#begin(runs),
      (problem) => this.#explain(problem, runs),
    );
  }

  /** @param runs of a comparison; none for a single job of what the form says. */
  async #begin(runs) {
    const methods = this.#methodsOf(runs);
    const [refused] = await this.#pictures.arrivals(methods);
    if (refused) return refused.focus();
    const [lacking] = this.#pictures.lacking(methods);
    if (lacking) return this.#ask(lacking);
    const plan = this.#plan(runs);
    if (!(await this.#forecast.allows(plan))) return undefined;
    return runs.length ? this.#compare(plan) : this.#one(plan);
  }

  /** What Start would start, {images, runs}; null until it is known what there is. */
  get #planned() {
    if (!this.#form.chosen) return null;
    return this.#plan(this.#adding.comparison ? [] : this.#collected);
  }

  #plan(runs) {
    const asked = runs.length ? runs : [this.#form.request()];
    return { images: this.#adding.comparison?.images ?? this.#pictures.given(this.#methodsOf(runs)), runs: asked };
  }

  /** The runs that Start would compare. */
  get #collected() {
    return this.#further.model ? [] : this.#tray.runs;
  }

  /** Those of the runs, or else the one that is chosen, as the server describes them. */
  #methodsOf(runs) {
    const methods = runs.length ? runs.map(({ method }) => this.#form.method(method)) : [this.#form.chosen];
    return methods.filter(Boolean);
  }

  #ask(slot) {
    const isSource = slot === this.#pictures.source;
    const words = `The ${slot.title.toLowerCase()} is missing: drop a picture here, paste one, or choose one.`;
    slot.complain(isSource ? FIRST : words);
    if (isSource) this.#navigation.browse();
    else slot.focus();
  }

  async #one({ images: pictures, runs: [run] }) {
    const model = this.#further.model?.id;
    const request = { ...run, images: { ...pictures, ...(model && { model }) } };
    const twin = this.#jobs.list().find((row) => !LOST.includes(row.state) && this.#leadsTo(request, row));
    if (!twin) return this.#startOne(request);
    this.#navigation.select(twin.id);
    return offer(TWIN, "Start it again", () => this.#attempt(() => this.#startOne(request)));
  }

  /** Whether a request leads to a job like this one: it did, or its settings are those of the job. */
  #leadsTo(request, row) {
    if (same(request, this.#made.get(row.id))) return true; // a method may fill in what nobody has set
    const entries = (images) => JSON.stringify(Object.entries(images).sort());
    return entries(request.images) === entries(row.images) && this.#form.leadsTo(request, row);
  }

  async #startOne(request) {
    const row = await api.start(request);
    this.#made.set(row.id, request);
    this.#further.set(null);
    this.#jobs.setRow(row);
    this.#show(row);
  }

  #show({ id }) {
    this.#navigation.select(id);
    $("stage").focus({ preventScroll: true }); // so that the space bar pauses
  }

  async #compare({ images, runs }) {
    const { id, jobs } = await api.compare({ images, runs });
    jobs.forEach((row) => this.#jobs.setRow(row));
    if (runs === this.#tray.runs) this.#tray.clear();
    this.#navigation.go({ view: "comparison", id });
    $("comparison").focus({ preventScroll: true }); // so that the space bar pauses
  }

  async #addRun() {
    const { id, images } = this.#adding.comparison;
    const missing = this.#form.chosen.roles.find(({ name, needed }) => needed && !(name in images));
    const words = `This comparison has no picture for “${missing?.title}”, which this method needs.`;
    if (missing) return tell($("form-error"), words);
    const run = this.#form.request();
    if (!(await this.#forecast.allows({ images, runs: [run] }))) return undefined;
    const row = await api.addRun(id, run);
    this.#jobs.setRow(row);
    this.#adding.close();
    document.querySelector(`.run[data-job="${row.id}"]`)?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  /** Does work that is not done twice at a time. @param explain says what was wrong. */
  async #attempt(work, explain = (problem) => this.#explain(problem, [])) {
    if ($("start").disabled) return; // Ctrl+Enter asks again
    for (const one of [this.#form, this.#pictures]) one.clearProblems();
    clearComplaints();
    const buttons = [$("start"), $("try-seeds")];
    for (const button of buttons) button.disabled = true;
    try {
      await work();
    } catch (problem) {
      explain(problem);
    } finally {
      for (const button of buttons) button.disabled = false;
    }
  }

  /** Shows what was wrong where it can be mended: a run of the tray goes back into the form. */
  #explain(problem, runs) {
    const slot = this.#pictures.blamed(problem.field);
    if (slot) {
      slot.complain(sentence(problem.message));
      return slot.focus();
    }
    const run = runs[problem.field?.match(/^runs\.(\d+)\./)?.[1]];
    if (this.#tray.runs.includes(run)) this.#tray.choose(run);
    return this.#form.showProblem(problem);
  }
}
