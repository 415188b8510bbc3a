// What the stage and the rail show: an invitation, an exemplar, or a job.

import * as api from "./api.js";
import { Curve } from "./curve.js";
import { $, element, tell, write } from "./dom.js";
import { exemplarOf, titleOf } from "./exemplar.js";
import { showFigures, showRecipe } from "./figures.js";
import { Loop } from "./loop.js";
import { complain } from "./notices.js";
import { isPainting } from "./sampling.js";
import { Stage } from "./stage.js";
import { hasResult, isLoop } from "./transport.js";
import { STATES, extent, percent, times, title } from "./words.js";

const MOST_PIXELS = 20e6; // of a picture that is decoded in the page; of a larger one the preview is shown

const isHuge = ({ width, height }) => width * height > MOST_PIXELS;

/** Whether the stage can be seen at all; elsewhere it has nothing to show. */
const inStudio = () => ["new", "job"].includes(document.documentElement.dataset.view);

export class View {
  #jobs;
  #form;
  #exemplar;
  #transport;
  #stage = new Stage($("canvas"), $("picture-room"), $("loop"));
  #curve = new Curve($("curve"), $("curve-readout"));
  #loading = 0; // grows with each picture asked for: only the last one asked for is shown
  browsing = false; // the invitation is shown though there is an exemplar
  bitmap = null; // what is on the stage
  loop = new Loop($("loop"));

  constructor(jobs, form, exemplar, transport) {
    this.#jobs = jobs;
    this.#form = form;
    this.#exemplar = exemplar;
    this.#transport = transport;
    jobs.addEventListener("selected", () => this.showAll());
    jobs.addEventListener("row", ({ detail }) => this.#rowChanged(detail));
    jobs.addEventListener("points", ({ detail }) => detail.id === jobs.selected && this.#showNumbers());
    jobs.addEventListener("picture", ({ detail }) => detail.id === jobs.selected && this.#showLive());
    exemplar.addEventListener("change", () => this.showAll());
    this.loop.addEventListener("change", () => jobs.current && this.#showTransport(jobs.current));
  }

  setRepeat(times) {
    this.#stage.setRepeat(times);
    this.loop.setRepeat(times);
  }

  repaint() {
    this.#curve.repaint();
  }

  showAll() {
    const row = this.#jobs.current;
    this.#offerLoop(row);
    if (!inStudio()) return;
    const inviting = !row && (this.browsing || !this.#exemplar.picture);
    $("invite").hidden = !inviting;
    $("picture").hidden = inviting;
    $("stage-bar").hidden = inviting;
    for (const id of ["transport", "rail"]) $(id).hidden = !row;
    tell($("plate"), "");
    if (row) this.#showJob(row);
    else if (!inviting) this.#showExemplar();
    this.#showDocumentTitle();
  }

  async #showExemplar() {
    const { id, name } = this.#exemplar.picture;
    $("badge").hidden = true;
    $("picture").classList.remove("dimmed");
    write($("job-title"), name);
    write($("job-subtitle"), "The exemplar as it is. Repeat it to see where its edges do not meet.");
    $("canvas").setAttribute("aria-label", `The exemplar ${name}`);
    const bitmap = await this.#load(api.imagePath(id), true);
    if (!bitmap) return;
    this.#exemplar.knowSize(id, bitmap);
    this.#stage.show(bitmap, bitmap);
  }

  #showJob(row) {
    const listed = this.#form.method(row.method)?.title ?? title(row.method);
    const method = isPainting(row) ? "Painted by a model" : listed;
    write($("job-title"), titleOf(row));
    const shape = extent(row.params.size);
    const words = [method, times(shape), `seed ${row.params.seed}`, ...(isHuge(shape) ? ["seen as a preview"] : [])];
    write($("job-subtitle"), words.join(" · "));
    $("canvas").setAttribute("aria-label", `A texture made from ${exemplarOf(row)}`);
    this.#showSource(row);
    $("curve-block").hidden = isPainting(row); // it has no losses
    showRecipe($("recipe"), row, method);
    this.#showState(row);
    this.#showPicture(row);
    this.#showNumbers();
    this.#fetchPoints(row);
  }

  async #showSource(row) {
    const source = row.images.source ?? (await this.#sourceOfModel(row.images.model));
    if (row.id !== this.#jobs.selected) return;
    $("source-block").hidden = !source;
    if (!source) return;
    const name = exemplarOf(row);
    $("source").src = api.imagePath(source, 512);
    $("source").alt = `The exemplar ${name}`;
    write($("source-caption"), name);
  }

  /** The exemplar that a model was trained on; null where the model is gone. */
  async #sourceOfModel(id) {
    try {
      const model = this.#jobs.rows.get(id) ?? (await api.job(id));
      return model.images.source ?? null;
    } catch {
      return null;
    }
  }

  #offerLoop(row) {
    const plays = row && isLoop(row);
    this.loop.offer(plays ? api.animationPath(row.id) : null, plays ? titleOf(row) : null);
  }

  #rowChanged({ row, before }) {
    this.#showDocumentTitle();
    if (row.id !== this.#jobs.selected) return;
    this.#offerLoop(row);
    this.#showState(row);
    this.#showNumbers();
    // While paused, the number changes once more: the step under way is finished first.
    const settled = before?.state !== row.state || before?.number !== row.number;
    if (settled && hasResult(row)) this.#showPicture(row);
    if (before && row.number < before.number) this.#stage.clear(extent(row.params.size));
  }

  #showTransport(row) {
    this.#transport.show(row, titleOf(row), this.loop.playing);
  }

  #showState(row) {
    document.querySelector(".stage").dataset.state = row.state;
    this.#showTransport(row);
    $("picture").classList.toggle("dimmed", row.state === "failed");
    const waiting = row.number === 0 && !this.#jobs.pictures.has(row.id) && row.state !== "done";
    $("plate").hidden = !waiting;
    if (waiting) this.#showPlate(row);
  }

  #showPlate(row) {
    const words = {
      queued: ["Waiting for its turn", row.message ?? (row.place ? `Place ${row.place} in the queue` : "")],
      running: ["Warming up", "The first picture comes with the first steps."],
      paused: ["Paused before the first step", ""],
      failed: ["No picture came of this", "What went wrong is written below."],
      cancelled: ["Cancelled before the first step", ""],
    }[row.state];
    $("plate").replaceChildren(element("strong", {}, words[0]), ...(words[1] ? [element("p", {}, words[1])] : []));
  }

  #showPicture(row) {
    const shape = extent(row.params.size);
    if (hasResult(row)) this.#showStill(isHuge(shape) ? api.previewPath(row.id) : api.resultPath(row.id), shape);
    else if (this.#jobs.pictures.has(row.id)) this.#showLive();
    else {
      this.#stage.clear(shape);
      this.bitmap = null;
      if (row.number > 0) this.#showStill(api.previewPath(row.id), shape);
    }
  }

  async #showStill(path, shape) {
    const id = this.#jobs.selected;
    const bitmap = await this.#load(path, false);
    const live = this.#jobs.pictures.get(id);
    if (bitmap && !(live && this.#jobs.current?.state === "running")) this.#stage.show(bitmap, shape);
  }

  #showLive() {
    const row = this.#jobs.current;
    if (hasResult(row) && this.bitmap?.width) return; // the result itself is on its way, or there
    this.#loading += 1;
    this.bitmap = this.#jobs.pictures.get(row.id).bitmap;
    this.#stage.show(this.bitmap, extent(row.params.size));
    $("plate").hidden = true;
  }

  /** A bitmap, or null where another picture was asked for meanwhile or there is none. */
  async #load(path, complaining) {
    this.#loading += 1;
    const turn = this.#loading;
    try {
      const bitmap = await api.bitmap(path);
      if (turn !== this.#loading) return null;
      this.bitmap = bitmap;
      return bitmap;
    } catch (problem) {
      const expected = problem.status === 404 || problem.status === 409; // no picture yet, or the state has changed
      if (turn === this.#loading && (complaining || !expected)) complain(problem.message);
      return null;
    }
  }

  #showNumbers() {
    const row = this.#jobs.current;
    if (!row) return;
    const points = this.#jobs.points.get(row.id) ?? [];
    showFigures($("figures"), row, points);
    this.#curve.show(row, points);
  }

  async #fetchPoints(row) {
    if (row.number === 0 || this.#jobs.points.has(row.id)) return;
    try {
      const points = await api.points(row.id);
      const newer = (this.#jobs.points.get(row.id) ?? []).filter(
        (point) => point.number > (points.at(-1)?.number ?? 0),
      );
      this.#jobs.setPoints(row.id, [...points, ...newer]);
    } catch (problem) {
      if (problem.status !== 404) complain(problem.message);
    }
  }

  #showDocumentTitle() {
    if (!inStudio()) return;
    const row = this.#jobs.current ?? this.#jobs.list().find(({ state }) => state === "running");
    const words = row && (row.state === "running" ? `${percent(row)} %` : STATES[row.state]);
    document.title = row ? `${words} · ${titleOf(row)} · Texture Lab` : "Texture Lab";
  }
}
