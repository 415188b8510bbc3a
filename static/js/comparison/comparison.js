// A comparison: several runs on one exemplar, side by side, live or as they ended; or jobs put side by side afterwards.

import { $, choiceOf } from "../kit/dom.js";
import { Lazy } from "../kit/lazy.js";
import { recall, remember } from "../kit/memory.js";
import { listenToMenu } from "../kit/menu.js";
import { announce } from "../kit/notices.js";
import * as api from "../state/api.js";
import { isUnfinished, stateWord } from "../state/rows.js";
import { bestOf } from "../state/runs.js";
import { LensBar } from "../viewer/lens-bar.js";
import { Lens } from "../viewer/lens.js";
import { givenPanels } from "./given-panel.js";
import { isPausable, isPaused, showHead, showNothing, showReason } from "./head.js";
import { RunPanel } from "./run-panel.js";
import { RunTable } from "./run-table.js";
import { Sharing } from "./share-dialog.js";
import { Wiping } from "./wiping.js";

/** @import { Jobs } from "../state/jobs.js" */

const GONE = "Comparison not found, or not shared with you.";
const DELETED = "All of its runs have been deleted.";
const PACE = 500; // ms between two looks at the numbers

export class Comparison {
  #jobs;
  #navigation;
  #act;
  #lens = new Lens();
  #race = new Lazy(async () => new (await import("./curves.js")).Race());
  #table = new RunTable(() => this.#showNumbers());
  #wiping = new Wiping(this.#lens, () => this.#pictures);
  #sharing = new Sharing((answer) => this.take(answer));
  #known = null; // {id, exemplar, name, images, shared, own, kept, created, labels} as the server last said
  #refused = null; // the id of one that the server would not show
  #panels = new Map(); // run's id -> its panel, in the order of the comparison
  #inks = new Map(); // run's id -> the number of its colour, kept while the page lives
  #given = []; // the panels of what the runs were given
  #taking = false; // rows come with the comparison, and need not be asked for
  #turn = 0; // grows with each look at the comparison: an answer to an earlier one may have runs that are gone
  #timer = null;

  /**
   * @param {Jobs} jobs
   * @param act - {control(row, what), first(row), larger(row), star(row), reuse(row), remove(row), add(comparison)}
   */
  constructor(jobs, navigation, act) {
    this.#jobs = jobs;
    this.#navigation = navigation;
    this.#act = { ...act, side: (id, side) => this.#wiping.choose(side, id) };
    this.bar = new LensBar($("comparison-tools"), this.#lens, () => this.#room);
    this.bar.take("comparison");
    const sized = new ResizeObserver(() => this.bar.show());
    for (const room of [$("runs"), $("wipe")]) sized.observe(room);
    navigation.addEventListener("place", () => this.#showPlace());
    jobs.addEventListener("row", ({ detail }) => this.#rowChanged(detail));
    jobs.addEventListener("removed", ({ detail }) => this.#drop(detail.id));
    jobs.addEventListener("points", ({ detail }) => this.#panels.has(detail.id) && this.#showNumbersSoon());
    jobs.addEventListener("picture", ({ detail }) => this.#showLive(detail.id));
    this.#listen();
  }

  #listen() {
    $("show-exemplar").addEventListener("click", () => this.#toggleGiven());
    $("pause-all").addEventListener("click", () => this.#controlAll("pause"));
    $("resume-all").addEventListener("click", () => this.#controlAll("resume"));
    $("add-run").addEventListener("click", () => this.#act.add(this.#known));
    $("share-open").addEventListener("click", () => this.#sharing.open(this.#known));
    listenToMenu($("takeaway"), "a");
  }

  /** Whether a comparison is what the page shows. */
  get isShown() {
    return this.#navigation.place.view === "comparison";
  }

  /** False where there is nothing to wipe between. */
  toggleWipe() {
    return this.isShown && this.#wiping.toggle();
  }

  /** The room of the wipe, or else of a panel; or null. */
  get #room() {
    return (this.isShown && (this.#wiping.room ?? this.#panels.values().next().value?.room)) || null;
  }

  /** All panels, those of what was given first. */
  get #pictures() {
    return [...this.#given, ...this.#panels.values()];
  }

  // --- what the server says ---

  /** A comparison as the server has it. */
  take(answer) {
    if (!answer.own) this.#jobs.guests.add(answer.id); // before its rows come
    if (!this.#concerns(answer.id)) return;
    this.#turn += 1;
    if (this.#known?.id !== answer.id) {
      this.#clear();
      // Of jobs that were put side by side afterwards the time since each was asked for is that of its queue.
      choiceOf($("race-clock"), answer.kept ? "wall" : "seconds").checked = true;
    }
    this.#known = answer;
    this.#jobs.setName(answer.id, answer.name);
    this.#taking = true;
    answer.jobs.forEach((row) => this.#jobs.setRow(row));
    this.#taking = false;
    this.#showPanels(answer.jobs.map(({ id }) => id));
    this.#showPlace();
  }

  /** It has another run, or is shared now, or is no longer. */
  async changed(id) {
    if (!this.#concerns(id)) return;
    this.#turn += 1;
    const turn = this.#turn;
    try {
      const answer = await api.comparison(id);
      if (turn === this.#turn) this.take(answer);
    } catch (problem) {
      if (turn === this.#turn) this.refuse(id, problem);
    }
  }

  /** The server does not let us look at it. */
  refuse(id, problem) {
    if (!this.#concerns(id)) return;
    this.#clear();
    this.#refused = id;
    showNothing(problem.status === 404 ? GONE : (problem.detail ?? problem.message));
  }

  /** Whether it is the one that is shown, or will be as soon as the page is complete. */
  #concerns(id) {
    return this.#navigation.isAt("comparison", id) || !document.documentElement.dataset.ready;
  }

  // --- what is shown ---

  #showPlace() {
    $("comparison").hidden = !this.isShown;
    if (!this.isShown) return;
    const { id } = this.#navigation.place;
    if (this.#known?.id !== id && this.#refused !== id) this.#clear();
    this.#showHead();
    this.#showNumbers();
  }

  #clear() {
    for (const panel of this.#pictures) panel.discard();
    this.#panels.clear();
    [this.#known, this.#given, this.#refused] = [null, [], null];
    this.#lens.fit();
    this.#wiping.clear();
    showNothing("Fetching the comparison…");
    if (this.isShown) document.title = "Comparison · Texture Lab";
  }

  get #rows() {
    return [...this.#panels.keys()].map((id) => this.#jobs.rows.get(id)).filter(Boolean);
  }

  #labelOf(row) {
    return this.#known?.labels[row.id] ?? row.method;
  }

  #showPanels(ids) {
    delete $("comparison").dataset.empty;
    showReason(ids.length ? "" : DELETED);
    for (const id of [...this.#panels.keys()].filter((one) => !ids.includes(one))) this.#drop(id);
    ids.forEach((id) => this.#showPanel(this.#jobs.rows.get(id)));
    this.#arrange(ids);
    this.#showGiven();
    this.#fitLens();
    this.#pictures.forEach(({ shot }) => shot.again());
  }

  /** In the order of the comparison: a run that was brought back goes to its old place. */
  #arrange(ids) {
    const before = [...this.#panels.keys()];
    if (ids.every((id, at) => id === before[at])) return;
    this.#panels = new Map(ids.map((id) => [id, this.#panels.get(id)]));
  }

  #showPanel(row) {
    const label = this.#labelOf(row);
    if (this.#panels.has(row.id)) return this.#panels.get(row.id).relabel(label);
    const ink = this.#inks.get(row.id) ?? Math.max(0, ...this.#inksHere) + 1;
    this.#inks.set(row.id, ink);
    const panel = new RunPanel({ row, label, ink, own: this.#known.own }, this.#lens, this.#act);
    this.#panels.set(row.id, panel);
    panel.shot.addEventListener("change", () => this.#fitLens()); // some say their shape by their first picture
    $("runs").append(panel.node);
    panel.update(row, null, this.#pointsOf(row.id), this.#jobs.pictures.get(row.id));
    return this.#wiping.show();
  }

  get #inksHere() {
    return [...this.#panels.keys()].map((id) => this.#inks.get(id));
  }

  #pointsOf(id) {
    return this.#jobs.points.get(id) ?? [];
  }

  #showGiven() {
    if (!this.#given.length && this.#rows.length) {
      this.#given = givenPanels(this.#known, this.#rows, this.#lens, this.#act);
      $("runs").prepend(...this.#given.map(({ node }) => node));
      for (const { shot } of this.#given) shot.addEventListener("change", () => this.#fitLens());
    }
    const shown = recall("exemplar-panel", true);
    $("show-exemplar").setAttribute("aria-pressed", String(shown));
    $("show-exemplar").hidden = !this.#given.length; // jobs put side by side may have no picture in common
    for (const { node } of this.#given) node.hidden = !shown;
    this.#fitLens();
  }

  #toggleGiven() {
    remember("exemplar-panel", !recall("exemplar-panel", true));
    this.#showGiven();
  }

  /** All of the largest picture is what fits. */
  #fitLens() {
    const sizes = this.#pictures.filter(({ node }) => !node.hidden).map(({ shot }) => shot.shape);
    if (!sizes.length) return;
    const most = (side) => Math.max(...sizes.map((size) => size[side]));
    this.#lens.setShape({ width: most("width"), height: most("height") });
    this.bar.show();
  }

  #showHead() {
    if (this.#known && this.isShown) showHead(this.#known, this.#rows);
  }

  #rowChanged({ row, before }) {
    const panel = this.#panels.get(row.id);
    if (panel) {
      panel.update(row, before, this.#pointsOf(row.id), null);
      if (this.#given.filter((one) => one.follow(row)).length) this.#wiping.show();
      if (before?.state !== row.state) this.#stateChanged(row, before);
    } else if (this.#known && this.#holds(row) && !this.#taking) {
      this.#showPanel(row); // its label comes with the comparison
      this.#fitLens();
      this.changed(this.#known.id);
    } else return;
    this.#showNumbersSoon();
  }

  /** Whether a run belongs to what is shown, which it may not show: it is new, or has been brought back. */
  #holds({ id, comparison }) {
    return this.#known.kept ? comparison === this.#known.id : id in this.#known.labels;
  }

  #stateChanged(row, before) {
    this.#showHead();
    if (this.isShown && before)
      announce(`${this.#labelOf(row)}: ${stateWord(row.state).toLowerCase()}. ${row.message ?? ""}`.trim());
  }

  #showLive(id) {
    const picture = this.#jobs.pictures.get(id);
    if (picture && this.#jobs.rows.get(id)?.state === "running") this.#panels.get(id)?.shot.show(picture.bitmap);
  }

  #drop(id) {
    const panel = this.#panels.get(id);
    if (!panel) return;
    const had = panel.node.contains(document.activeElement);
    panel.discard();
    this.#panels.delete(id);
    if (had) $("comparison").focus();
    showReason(this.#panels.size ? "" : DELETED);
    this.#wiping.show();
    this.#showHead();
    this.#showNumbersSoon();
  }

  // --- numbers: looked at twice a second at most ---

  #showNumbersSoon() {
    this.#timer ??= setTimeout(() => this.#showNumbers(), PACE);
  }

  #showNumbers() {
    clearTimeout(this.#timer);
    this.#timer = null;
    if (!this.isShown || !this.#known) return;
    const runs = this.#rows.map((row) => ({
      id: row.id,
      row,
      label: this.#labelOf(row),
      ink: this.#inks.get(row.id),
      points: this.#pointsOf(row.id),
    }));
    this.#showBest(runs);
    this.#race.show(runs);
    const sorted = this.#table.show(runs);
    this.#lay(runs.some(({ row }) => isUnfinished(row)) ? runs : sorted);
  }

  /** In each panel the metric by which the table is sorted, and in the best one a mark. */
  #showBest(runs) {
    const rows = runs.map(({ row }) => row);
    const metric = this.#table.metricFor(rows);
    const best = bestOf(rows, metric);
    for (const { id, row, points } of runs)
      this.#panels.get(id).showNumbers(row, points, metric, best !== null && row.metrics?.[metric] === best);
  }

  /** Puts the panels in this order: that of the table once all have ended, so that nothing moves while one looks. */
  #lay(runs) {
    const nodes = runs.map(({ id }) => this.#panels.get(id).node);
    const shown = [...$("runs").children].slice(-nodes.length);
    if (nodes.every((node, at) => node === shown[at])) return;
    const had = /** @type {HTMLElement} */ (document.activeElement);
    $("runs").append(...nodes);
    if ($("runs").contains(had)) had.focus({ preventScroll: true });
  }

  /** After a change of theme. */
  repaint() {
    if (this.isShown) this.#race.repaint();
  }

  // --- what one can do ---

  async #controlAll(what) {
    const rows = this.#rows.filter(what === "pause" ? isPausable : isPaused);
    await Promise.all(rows.map((row) => this.#act.control(row, what)));
  }

  /** The space bar: pause what runs, or else go on with what is paused. */
  pauseOrResume() {
    if (!this.#known?.own) return;
    this.#controlAll(this.#rows.some(isPausable) ? "pause" : "resume");
  }
}
