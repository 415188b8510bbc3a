// Delete with undo: a thing goes at once, and for a while a note offers to bring it back.

import { announce, attempt, mention, offer } from "../kit/notices.js";
import * as api from "../state/api.js";
import { idsOf, titleOf } from "../state/names.js";
import { isUnfinished } from "../state/rows.js";

/** @import { Jobs } from "../state/jobs.js" */

/** What is said once it is gone. */
function farewell(name, rows) {
  if (!rows.some((row) => isUnfinished(row))) return `Deleted ${name}.`;
  const stopped = rows.length > 1 ? "What was still running was stopped." : "It was stopped.";
  return `Deleted ${name}. ${stopped} Undo brings it back as cancelled, and Resume goes on from there.`;
}

/** "gone" {id}, "back" {id}: a job or a comparison was deleted, or brought back. */
export class Removal extends EventTarget {
  #jobs;
  #navigation;
  #aboutOf;
  #undo = () => null;

  /**
   * @param {Jobs} jobs
   * @param aboutOf what tells a job from others of its picture, in words.
   */
  constructor(jobs, navigation, aboutOf) {
    super();
    this.#aboutOf = aboutOf;
    this.#jobs = jobs;
    this.#navigation = navigation;
  }

  /** Delete a job. */
  async job(row) {
    const shown = this.#navigation.isAt("job", row.id);
    if (!(await attempt(() => api.remove(row.id)))) return;
    this.#gone(row.id, [row]);
    this.#offer([titleOf(row), this.#aboutOf(row)].filter(Boolean).join(", "), row.id, [row], async () => {
      this.#jobs.setRow(await api.restore(row.id));
      if (shown && this.#navigation.inStudio) this.#navigation.select(row.id);
    });
  }

  /** Delete a comparison and all its runs: {id, exemplar, name?, jobs}. */
  async comparison({ id, exemplar, name, jobs }) {
    const shown = this.#navigation.isAt("comparison", id);
    if (!(await attempt(() => api.removeComparison(id)))) return;
    this.#gone(id, jobs);
    if (shown) this.#navigation.settle(null);
    this.#offer(name ?? `the comparison of ${exemplar}`, id, jobs, async () => {
      const back = await api.restoreComparison(id);
      back.jobs.forEach((row) => this.#jobs.setRow(row));
      if (shown && this.#navigation.inStudio) this.#navigation.go({ view: "comparison", id });
    });
  }

  /** Delete several entries of the history at once. */
  async several(entries) {
    const several = idsOf(entries);
    if (!(await attempt(() => api.removeSeveral(several)))) return;
    for (const { id, jobs } of entries) this.#gone(id, jobs);
    const rows = entries.flatMap(({ jobs }) => jobs);
    this.#offer(`${entries.length} entries`, null, rows, async () => {
      const back = await api.restoreSeveral(several);
      const runs = back.comparisons.flatMap(({ jobs }) => jobs);
      [...back.jobs, ...runs].forEach((row) => this.#jobs.setRow(row));
    });
  }

  /** Bring back what was deleted last, while that is on offer. */
  async undo() {
    if ((await this.#undo()) === null) mention("Nothing to undo.");
  }

  #gone(id, rows) {
    rows.forEach((row) => this.#navigation.removed(row.id));
    this.#say("gone", id);
  }

  #say(what, id) {
    this.dispatchEvent(new CustomEvent(what, { detail: { id } }));
  }

  #offer(name, id, rows, bring) {
    const work = async () => {
      await bring();
      this.#say("back", id);
      announce(`Restored ${name}.`);
      return true;
    };
    this.#undo = offer(farewell(name, rows), "Undo", () => attempt(work));
  }
}
