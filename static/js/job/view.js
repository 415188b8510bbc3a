// What the stage and the rail show: an invitation, an exemplar, or a job.

import { $, choiceOf, element, find, tell, write } from "../kit/dom.js";
import { complain } from "../kit/notices.js";
import { title } from "../kit/words.js";
import * as api from "../state/api.js";
import { isFitted } from "../state/fitted-exemplar.js";
import { hasResult, isLoop } from "../state/moves.js";
import { exemplarOf, titleOf } from "../state/names.js";
import { SEAMLESS, isPainting, isTile, percent, shapeOf, sizeWords, stateWord } from "../state/rows.js";
import { Loop } from "../viewer/loop.js";
import { Stage } from "../viewer/stage.js";
import { Curve } from "./curve.js";
import { showFigures, showRecipe } from "./figures.js";
import { Given } from "./given.js";
import { showInvitation } from "./invitation.js";
import { Maps } from "./maps.js";

/** @import { Jobs } from "../state/jobs.js" */

const MOST_PIXELS = 20e6; // of a picture that is decoded in the page; of a larger one the preview is shown

const isExemplar = (role) => ["Source texture", "Picture"].includes(role.title); // and no style, and no content

const isHuge = ({ width, height }) => width * height > MOST_PIXELS;

/** Whether the stage can be seen at all; elsewhere it has nothing to show. */
const inStudio = () => ["new", "job"].includes(document.documentElement.dataset.view);

/** "Neural statistics · 256 × 256 · seed 0", as far as these are known. */
function subtitle(row, method, bitmap) {
  const { size, seed } = row.params;
  const words = [method, (size || bitmap) && sizeWords(row, bitmap), seed !== undefined && `seed ${seed}`];
  return [...words, isHuge(shapeOf(row)) && "seen as a preview"].filter(Boolean).join(" · ");
}

export class View {
  #jobs;
  #form;
  #pictures;
  #given;
  #maps = new Maps();
  #transport;
  #stage = new Stage($("canvas"), $("picture-room"), $("loop"));
  #curve = new Curve($("curve"), $("curve-readout"));
  #loading = 0; // grows with each picture asked for: only the last one asked for is shown
  #times = { others: 1, [SEAMLESS]: 2 }; // how often tiles are to be repeated
  browsing = false; // the invitation is shown though there is an exemplar
  bitmap = null; // what is on the stage
  loop = new Loop($("loop"));

  /** @param {Jobs} jobs */
  constructor(jobs, form, pictures, transport) {
    this.#jobs = jobs;
    this.#form = form;
    this.#pictures = pictures;
    this.#given = new Given(jobs, form);
    this.#transport = transport;
    jobs.addEventListener("selected", () => this.showAll());
    jobs.addEventListener("row", ({ detail }) => this.#rowChanged(detail));
    jobs.addEventListener("points", ({ detail }) => detail.id === jobs.selected && this.#showNumbers());
    jobs.addEventListener("picture", ({ detail }) => detail.id === jobs.selected && this.#showLive());
    pictures.addEventListener("change", () => this.#jobs.current || this.showAll());
    this.loop.addEventListener("change", () => jobs.current && this.#showTransport(jobs.current));
  }

  setRepeat(times) {
    this.#times[this.#kind] = times;
    this.#repeat();
  }

  /** What was only made to tile is shown so that its seams are in the middle, whatever is chosen for all else. */
  get #kind() {
    return this.#jobs.current?.method === SEAMLESS ? SEAMLESS : "others";
  }

  /** What was not made to be repeated is shown once. */
  #repeat() {
    const row = this.#jobs.current;
    const once = row ? !isTile(row) : !isExemplar(this.#pictures.foremost);
    const times = this.#times[this.#kind];
    $("tiling").hidden = once;
    choiceOf($("tiling"), times).checked = true;
    for (const one of [this.#stage, this.loop]) one.setRepeat(once ? 1 : times);
  }

  repaint() {
    this.#curve.repaint();
  }

  /** Whether the invitation to choose an exemplar is what the stage shows. */
  get inviting() {
    return !this.#jobs.current && (this.browsing || !this.#pictures.source.picture);
  }

  showAll() {
    const row = this.#jobs.current;
    this.#offerLoop(row);
    if (!inStudio()) return;
    const inviting = this.inviting;
    $("invite").hidden = !inviting;
    $("picture").hidden = inviting;
    $("stage-bar").hidden = inviting;
    $("transport").hidden = $("rail").hidden = !row;
    tell($("plate"), "");
    this.#repeat();
    if (row) this.#showJob(row);
    else if (inviting) showInvitation(this.#pictures.source.title);
    else this.#showForemost();
    this.#showDocumentTitle();
  }

  /** The picture that the next job begins with. */
  async #showForemost() {
    const slot = this.#pictures.foremost;
    const { id, name } = slot.picture;
    const what = slot.title.toLowerCase();
    $("badge").hidden = true;
    $("picture").classList.remove("dimmed");
    write($("job-title"), name);
    const edges = isExemplar(slot) ? " Repeat it to see where its edges do not meet." : "";
    write($("job-subtitle"), `The ${what} as it is.${edges}`);
    $("canvas").setAttribute("aria-label", `The ${what} ${name}`);
    const bitmap = await this.#load(api.imagePath(id), true);
    if (!bitmap) return;
    slot.knowSize(id, bitmap);
    this.#stage.show(bitmap, bitmap);
  }

  #showJob(row) {
    write($("job-title"), titleOf(row));
    write($("job-subtitle"), subtitle(row, this.#methodOf(row)));
    $("canvas").setAttribute("aria-label", `A picture made from ${exemplarOf(row)}`);
    this.#given.show(row);
    $("curve-block").hidden = isPainting(row); // it has no losses
    showRecipe($("recipe"), row, this.#methodOf(row));
    this.#showState(row);
    this.#showPicture(row);
    this.#showNumbers();
    this.#fetchPoints(row);
  }

  #methodOf(row) {
    if (isPainting(row)) return "Painted by a model";
    return this.#form.method(row.method)?.title ?? title(row.method);
  }

  #showBitmap(row, bitmap) {
    write($("job-subtitle"), subtitle(row, this.#methodOf(row), bitmap));
    this.#stage.show(bitmap, shapeOf(row, bitmap));
  }

  #offerLoop(row) {
    const plays = row && isLoop(row);
    this.loop.offer(plays ? api.animationPath(row.id) : null, plays ? titleOf(row) : null);
  }

  #rowChanged({ row, before }) {
    this.#showDocumentTitle();
    if (row.id !== this.#jobs.selected) return;
    this.#offerLoop(row);
    if (before && isFitted(row) !== isFitted(before)) this.#given.show(row);
    this.#showState(row);
    this.#showNumbers();
    // While paused, the number changes once more: the step under way is finished first.
    const settled = before?.state !== row.state || before?.number !== row.number;
    if (settled && hasResult(row)) this.#showPicture(row);
    if (before && row.number < before.number) this.#stage.clear(shapeOf(row));
  }

  #showTransport(row) {
    this.#transport.show(row, titleOf(row), this.loop.playing);
  }

  #showState(row) {
    find(".stage").dataset.state = row.state;
    this.#showTransport(row);
    this.#maps.show(row);
    $("picture").classList.toggle("dimmed", row.state === "failed");
    const waiting = row.number === 0 && !this.#jobs.pictures.has(row.id) && row.state !== "done";
    $("plate").hidden = !waiting;
    if (waiting) this.#showPlate(row);
  }

  #showPlate(row) {
    const words = {
      queued: ["Waiting for its turn", row.message ?? (row.place ? `Place ${row.place} in the queue` : "")],
      running: ["Preparing", "The first picture comes with the first steps."],
      paused: ["Paused before the first step", ""],
      failed: ["Generation failed", "The reason is below."],
      cancelled: ["Cancelled before the first step", ""],
    }[row.state];
    $("plate").replaceChildren(element("strong", {}, words[0]), ...(words[1] ? [element("p", {}, words[1])] : []));
  }

  #showPicture(row) {
    if (hasResult(row)) this.#showStill(row, isHuge(shapeOf(row)) ? api.previewPath(row.id) : api.resultPath(row.id));
    else if (this.#jobs.pictures.has(row.id)) this.#showLive();
    else {
      this.#stage.clear(shapeOf(row));
      this.bitmap = null;
      if (row.number > 0) this.#showStill(row, api.previewPath(row.id));
    }
  }

  async #showStill(row, path) {
    const bitmap = await this.#load(path, false);
    const live = this.#jobs.pictures.get(row.id);
    if (bitmap && !(live && this.#jobs.current?.state === "running")) this.#showBitmap(row, bitmap);
  }

  #showLive() {
    const row = this.#jobs.current;
    if (hasResult(row) && this.bitmap?.width) return; // the result itself is on its way, or there
    this.#loading += 1;
    this.bitmap = this.#jobs.pictures.get(row.id).bitmap;
    this.#showBitmap(row, this.bitmap);
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
    const words = row && (row.state === "running" ? `${percent(row)} %` : stateWord(row.state));
    document.title = row ? `${words} · ${titleOf(row)} · Texture Lab` : "Texture Lab";
  }
}
