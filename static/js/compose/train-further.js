// Training a model further: the form has its settings, and a chip names the model that the next job goes on from.
// Event: "change".

import { $, write } from "../kit/dom.js";

/** @import { Jobs } from "../state/jobs.js" */

export class Further extends EventTarget {
  model = null; // {id, name, source}: the job that left it, what its exemplar is called, and the exemplar's id; or null

  /**
   * Another method, another exemplar and a run of a comparison start over.
   * @param {Jobs} jobs
   */
  constructor(jobs, form, pictures, adding) {
    super();
    $("further-away").addEventListener("click", () => {
      this.set(null);
      $("start").focus({ preventScroll: true });
    });
    form.addEventListener("method", () => this.set(null));
    jobs.addEventListener("removed", ({ detail }) => detail.id === this.model?.id && this.set(null));
    const { source } = pictures;
    source.addEventListener("change", () => source.picture?.id !== this.model?.source && this.set(null));
    adding.addEventListener("change", () => adding.comparison && this.set(null));
  }

  set(model) {
    this.model = model;
    $("further").hidden = !model;
    write($("further-words"), model ? `Continues training the model of ${model.name}` : "");
    this.dispatchEvent(new Event("change"));
  }
}
