// How a new texture begins: a picture comes in, Start is pressed, or the settings of a job are used again.

import * as api from "./api.js";
import { $ } from "./dom.js";
import { nameOf } from "./exemplar.js";
import { clearComplaints } from "./notices.js";

export class Starting {
  #jobs;
  #form;
  #exemplar;
  #navigation;

  constructor(jobs, form, exemplar, navigation) {
    this.#jobs = jobs;
    this.#form = form;
    this.#exemplar = exemplar;
    this.#navigation = navigation;
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

  reuse() {
    const row = this.#jobs.current;
    this.#form.fill(row);
    this.#exemplar.set({ id: row.images.source, name: nameOf(row.images.source) });
    this.#navigation.select(null);
  }

  async start() {
    this.#form.clearProblems();
    clearComplaints();
    if (this.#exemplar.picture) await this.#post();
    else {
      this.#exemplar.complain("First choose a picture: drop one, paste one, or take a sample.");
      this.#navigation.browse();
    }
  }

  async #post() {
    $("start").disabled = true;
    try {
      const row = await api.start({ ...this.#form.request(), images: { source: this.#exemplar.picture.id } });
      this.#jobs.setRow(row);
      this.#navigation.select(row.id);
      $("stage").focus({ preventScroll: true }); // so that the space bar pauses
    } catch (problem) {
      if (problem.field?.startsWith("images")) this.#exemplar.complain(problem.message);
      else this.#form.showProblem(problem);
    } finally {
      $("start").disabled = false;
    }
  }
}
