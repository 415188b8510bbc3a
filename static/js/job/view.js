// What the stage and the rail show: an invitation, an exemplar, or a job.

import { $, element, find, tell, write } from "../kit/dom.js";
import { Lazy } from "../kit/lazy.js";
import { complain } from "../kit/notices.js";
import { title } from "../kit/words.js";
import * as api from "../state/api.js";
import { facts } from "../state/catalogue.js";
import { fittedPath, isFitted } from "../state/fitted-exemplar.js";
import { hasResult, isLoop } from "../state/moves.js";
import { exemplarOf, pictureName, titleOf } from "../state/names.js";
import {
  SEAMLESS,
  isHuge,
  isMaterial,
  isPainting,
  isTile,
  isTileSet,
  percent,
  shapeOf,
  sizeWords,
  stateWord,
} from "../state/rows.js";
import { contentShape, exemplarShape } from "../state/runs.js";
import { Shot } from "../viewer/shot.js";
import { showFigures, showRecipe } from "./figures.js";
import { Given } from "./given.js";
import { showInvitation } from "./invitation.js";
import { Iterations } from "./iterations.js";
import { Maps } from "./maps.js";
import { Marking } from "./marking.js";
import { Stage } from "./stage.js";

/** @import { Jobs } from "../state/jobs.js" */

const isExemplar = (role) => ["Source texture", "Picture"].includes(role.title); // and no style, and no content

/** What the job's picture is wiped against: what it repaints, or else its exemplar. Null: a model painted it. */
function originalOf(row) {
  const role = ["content", "source"].find((name) => name in row.images);
  if (!role) return null;
  const fitted = role === "source" && isFitted(row);
  const shapeFor = role === "content" ? contentShape : exemplarShape;
  const open = () => {
    const shot = new Shot((bitmap) => (fitted ? bitmap : shapeFor(bitmap, row.params)));
    shot.load(fitted ? fittedPath(row) : api.imagePath(row.images[role]));
    return shot;
  };
  return { label: role === "content" ? pictureName(row, role) : exemplarOf(row), open };
}

/** The side to which a large picture is reduced for the stage; undefined where it comes as it is. */
function viewOf({ width = 0, height = 0 }) {
  const most = facts.limits.view_side.highest;
  return Math.max(width, height) > most ? most : undefined;
}

/** Whether the stage can be seen at all; elsewhere it has nothing to show. */
const inStudio = () => ["new", "job"].includes(document.documentElement.dataset.view);

/** "Neural statistics · 256 × 256 · seed 0", as far as these are known. */
function subtitle(row, method, bitmap) {
  const { size, seed } = row.params;
  const words = [method, (size || bitmap) && sizeWords(row, bitmap), seed !== undefined && `seed ${seed}`];
  return [...words, isHuge(row) && "seen as a preview"].filter(Boolean).join(" · ");
}

export class View {
  #jobs;
  #form;
  #pictures;
  #given;
  #maps = new Maps();
  #marking;
  #iterations = new Iterations((bitmap) => this.#shot.hold(bitmap));
  #transport;
  #curve = new Lazy(async () => new (await import("./curve.js")).Curve($("curve"), $("curve-readout")));
  /** @type {Shot | null} */
  #shot = null; // of what is on the stage
  #shown = null; // the id of the job or of the picture that it is of
  browsing = false; // the invitation is shown though there is an exemplar
  stage = new Stage();

  /** @param {Jobs} jobs */
  constructor(jobs, form, pictures, transport) {
    this.#jobs = jobs;
    this.#form = form;
    this.#pictures = pictures;
    this.#given = new Given(jobs, form);
    this.#marking = new Marking(jobs);
    this.#transport = transport;
    jobs.addEventListener("selected", () => this.showAll());
    jobs.addEventListener("row", ({ detail }) => this.#rowChanged(detail));
    jobs.addEventListener("points", ({ detail }) => detail.id === jobs.selected && this.#showNumbers());
    jobs.addEventListener("picture", ({ detail }) => detail.id === jobs.selected && this.#showLive());
    for (const event of ["change", "local"])
      pictures.addEventListener(event, () => this.#jobs.current || this.showAll());
    this.stage.loop.addEventListener("change", () => jobs.current && this.#showTransport(jobs.current));
  }

  /** What was not made to be repeated is shown once; what was only made to tile, so that its seams are in the middle. */
  #takeTiling(row) {
    if (row ? !isTile(row) : !isExemplar(this.#pictures.foremost)) this.stage.bar.take(null);
    else if (row?.method === SEAMLESS) this.stage.bar.take(`view.${SEAMLESS}`, { columns: 2, rows: 2, shifted: false });
    else this.stage.bar.take("view");
  }

  repaint() {
    this.#curve.repaint();
  }

  /** Whether the invitation to choose an exemplar is what the stage shows. */
  get inviting() {
    const { picture, local } = this.#pictures.source;
    return !this.#jobs.current && (this.browsing || !(picture ?? local));
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
    this.#wear(row);
    tell($("plate"), "");
    this.#takeTiling(row);
    this.#marking.show(row);
    if (row) this.#showJob(row);
    else if (inviting) showInvitation(this.#pictures.source.title);
    else this.#showForemost();
    this.#showDocumentTitle();
  }

  /** A material is shown on a solid as soon as it has all its maps, and tiles as a plane of them when that is opened. */
  #wear(row) {
    const surface = async () => (await import("./surface.js")).surfaceOf(row);
    const made = row?.state === "done" && isMaterial(row);
    this.stage.preview.wear(made || (row && isTileSet(row)) ? surface : null, made);
  }

  /** The picture that the next job begins with. */
  #showForemost() {
    const slot = this.#pictures.foremost;
    const { picture, local } = slot;
    const { id, name } = local ?? picture;
    const what = slot.title.toLowerCase();
    $("badge").hidden = true;
    $("picture").classList.remove("dimmed");
    write($("job-title"), name);
    const edges = isExemplar(slot) ? " Repeat it to see where its edges do not meet." : "";
    write($("job-subtitle"), `The ${what} as it is.${edges}`);
    $("canvas").setAttribute("aria-label", `The ${what} ${name}`);
    if (local) return this.#showLocal(local);
    if (!facts.limits) return undefined; // until it is known up to what size a picture comes as it is
    if (this.#shown === id) return this.#shot.again();
    const shot = this.#show(id, (bitmap) => (picture.width ? picture : bitmap));
    shot.addEventListener("change", () => slot.knowSize(id, shot.bitmap));
    return shot.load(api.imagePath(id, viewOf(picture)));
  }

  /** What somebody has just brought, without waiting for the server. */
  #showLocal({ bitmap }) {
    if (this.#shown !== bitmap) this.#show(bitmap, () => bitmap).show(bitmap);
  }

  /** A shot of something else than before, on the stage. */
  #show(id, shapeFor) {
    this.#shown = id;
    this.#shot = new Shot(shapeFor);
    this.stage.show(this.#shot);
    return this.#shot;
  }

  #showJob(row) {
    write($("job-title"), titleOf(row));
    write($("job-subtitle"), subtitle(row, this.#methodOf(row)));
    $("canvas").setAttribute("aria-label", `A picture made from ${exemplarOf(row)}`);
    $("curve-block").hidden = isPainting(row) || isMaterial(row); // they have no losses
    showRecipe($("recipe"), row, this.#methodOf(row));
    this.#showState(row);
    this.#showPicture(row);
    this.#showGiven(row);
    this.#showNumbers();
    this.#fetchPoints(row);
  }

  #showGiven(row) {
    this.#given.show(row);
    this.stage.setOriginal(originalOf(row));
  }

  #methodOf(row) {
    if (isPainting(row)) return "Painted by a model";
    return this.#form.method(row.method)?.title ?? title(row.method);
  }

  #offerLoop(row) {
    const plays = row && isLoop(row);
    this.stage.loop.offer(plays ? api.animationPath(row.id) : null, plays ? titleOf(row) : null);
  }

  #rowChanged({ row, before }) {
    this.#showDocumentTitle();
    if (row.id !== this.#jobs.selected) return;
    this.#offerLoop(row);
    if (before && row.state !== before.state) this.#wear(row);
    this.#marking.show(row);
    if (before && isFitted(row) !== isFitted(before)) this.#showGiven(row);
    this.#showState(row);
    this.#showNumbers();
    this.#iterations.follow(row);
    this.#shot.follow(row, before, null);
  }

  #showTransport(row) {
    this.#transport.show(row, this.stage.loop.playing);
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
    const shot = this.#show(row.id, (bitmap) => shapeOf(row, bitmap));
    shot.addEventListener("change", () => {
      if (shot !== this.#shot) return;
      write($("job-subtitle"), subtitle(row, this.#methodOf(row), shot.bitmap ?? undefined));
      if (shot.bitmap) $("plate").hidden = true;
    });
    if (!hasResult(row)) this.stage.clear(); // of one that has, its picture takes the place of the one before
    this.#iterations.open(row);
    shot.follow(row, null, this.#jobs.pictures.get(row.id));
  }

  #showLive() {
    const row = this.#jobs.current;
    if (row.state === "running") this.#shot.show(this.#jobs.pictures.get(row.id).bitmap);
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
