// Delete with undo: a thing goes at once, and for a while a note offers to bring it back.

import { announce, attempt, offer } from "../kit/notices.js";
import * as api from "../state/api.js";
import { titleOf } from "../state/names.js";
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

  /** Delete a comparison and all its runs: {id, exemplar, jobs}. */
  async comparison({ id, exemplar, jobs }) {
    const shown = this.#navigation.isAt("comparison", id);
    if (!(await attempt(() => api.removeComparison(id)))) return;
    this.#gone(id, jobs);
    if (shown) this.#navigation.settle(null);
    this.#offer(`the comparison of ${exemplar}`, id, jobs, async () => {
      const back = await api.restoreComparison(id);
      back.jobs.forEach((row) => this.#jobs.setRow(row));
      if (shown && this.#navigation.inStudio) this.#navigation.go({ view: "comparison", id });
    });
  }

  /** Bring back what was deleted last, while that is on offer. */
  async undo() {
    if ((await this.#undo()) === null) announce("There is nothing to undo.");
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
      announce(`${name.charAt(0).toUpperCase()}${name.slice(1)} is back.`);
      return true;
    };
    this.#undo = offer(farewell(name, rows), "Undo", () => attempt(work));
  }
}
