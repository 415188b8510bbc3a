// One card of the history: a comparison with its runs, or a job that belongs to none.

import { find, write } from "../kit/dom.js";
import { clock, when } from "../kit/words.js";
import { addressOf } from "../state/addresses.js";
import { titleOf } from "../state/names.js";
import { percent, stateWord } from "../state/rows.js";
import { action, card, mosaic, paintTile } from "./cards.js";

const FOREMOST = ["running", "queued", "paused", "failed", "done", "cancelled"];

const foremost = (rows) => FOREMOST.find((state) => rows.some((row) => row.state === state)) ?? "cancelled";

/** "Done in 1:20" for one job; "2 of 3 done" for the runs of a comparison. */
function standing(rows) {
  const [row] = rows;
  if (!row) return "No runs left"; // each was deleted by itself
  if (rows.length > 1) {
    const done = rows.filter(({ state }) => state === "done").length;
    return done === rows.length ? "All done" : `${done} of ${rows.length} done`;
  }
  if (row.state === "done") return `Done in ${clock(row.seconds)}`;
  return row.state === "running" ? `Running ${percent(row)} %` : stateWord(row.state);
}

/** "Neural statistics ×2 · Spatial GAN" */
function methodsOf(rows, nameOf) {
  const counts = new Map();
  for (const { method } of rows) counts.set(method, (counts.get(method) ?? 0) + 1);
  return [...counts].map(([method, count]) => nameOf(method) + (count > 1 ? ` ×${count}` : "")).join(" · ");
}

export class EntryCard {
  entry;
  node;

  /** @param act - {nameOf(method), settingsOf(row), open(rows), reuse(entry), remove(entry)} */
  constructor(entry, act) {
    this.entry = entry;
    this.node = this.#make(act);
    this.tell(entry);
  }

  /** Whether another state of the entry has the same runs, so that the card need not be rebuilt. */
  holds({ jobs }) {
    const ids = (rows) => rows.map(({ id }) => id).join();
    return ids(jobs) === ids(this.entry.jobs);
  }

  tell(entry) {
    this.entry = entry;
    const made = new Date(entry.created);
    this.node.dataset.state = foremost(entry.jobs);
    write(this.node.querySelector(".card-state span:last-child"), `${standing(entry.jobs)} · ${when(made)}`);
    find(".card-state", this.node).title = made.toLocaleString("en-GB");
  }

  /** A job of ours has changed. */
  tellJob(row) {
    this.tell({ ...this.entry, jobs: this.entry.jobs.map((job) => (job.id === row.id ? row : job)) });
  }

  /** The live picture of a job, if it is one of those that are shown. */
  paint(job, bitmap) {
    const tile = this.node.querySelector(`.tile[data-job="${CSS.escape(job)}"]`);
    if (tile) paintTile(tile, bitmap);
  }

  #make(act) {
    const { kind, id, exemplar, jobs, created } = this.entry;
    const single = kind === "job";
    const name = single ? titleOf(jobs[0]) : exemplar;
    const methods = methodsOf(jobs, act.nameOf);
    return card({
      id,
      href: addressOf(kind, id),
      place: kind,
      label: `Open ${single ? name : `the comparison of ${name}`}: ${methods}, ${when(new Date(created))}`,
      pictures: mosaic(jobs),
      source: jobs[0]?.images.source ?? null,
      name,
      words: single ? [methods, act.settingsOf(jobs[0])] : [methods],
      open: () => act.open(this.entry.jobs),
      actions: this.#actions(name, act),
    });
  }

  #actions(name, act) {
    return [
      action("reuse", "Reuse settings", `Reuse settings of ${name}`, () => act.reuse(this.entry)),
      action("trash", "", `Delete ${name}`, () => act.remove(this.entry), "quiet bin"),
    ];
  }
}
