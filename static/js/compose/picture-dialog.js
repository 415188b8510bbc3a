// The dialogue in which a picture is chosen for a slot: a file, one of the built-in ones, or a result.

import { $, element, write } from "../kit/dom.js";
import { facts } from "../state/catalogue.js";
import { hasResult } from "../state/moves.js";
import { shapeOf } from "../state/rows.js";
import { resultButton, sampleButton } from "./samples.js";

/** @import { Jobs } from "../state/jobs.js" */

const MOST_RESULTS = 12; // that are offered, the newest first
const OF_SCENES = ["content", "initial"]; // roles for which a scene is the likelier choice

const sentence = (words) => `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;

export class Picker {
  #slot = null;
  #samples = [];
  #jobs;
  #taken;

  /**
   * @param {Jobs} jobs whose results are offered
   * @param taken is called with the slot for which a picture was chosen
   */
  constructor(jobs, taken) {
    this.#jobs = jobs;
    this.#taken = taken;
    for (const change of ["row", "removed"]) jobs.addEventListener(change, () => this.#tellOfResults());
    $("picker-close").addEventListener("click", () => $("picker").close());
    $("picker-choose").addEventListener("click", () => $("picker-file").click());
    $("picker").addEventListener("close", () => {
      for (const list of [$("picker-samples"), $("picker-results")]) list.replaceChildren();
      this.#slot.focus();
    });
  }

  setSamples(samples) {
    this.#samples = samples;
  }

  open(slot) {
    this.#slot = slot;
    $("picker").dataset.slot = slot.name; // what is dropped or pasted here is for it
    write($("picker-heading"), slot.title);
    write($("picker-words"), sentence(slot.words));
    $("picker-samples").replaceChildren(...this.#ordered().map((sample) => this.#item(sample)));
    $("picker-results").replaceChildren(...this.#results.slice(0, MOST_RESULTS).map((row) => this.#resultItem(row)));
    $("picker").showModal();
  }

  get #results() {
    const most = facts.limits?.picture_pixels ?? 0;
    const fits = ({ width, height }) => width * height <= most;
    return this.#jobs.list().filter((row) => hasResult(row) && fits(shapeOf(row)));
  }

  #tellOfResults() {
    $("picker-results-block").hidden = $("choose-result").hidden = !this.#results.length;
  }

  #resultItem(row) {
    const pick = () => {
      $("picker").close();
      this.#slot.bringResult(row);
      this.#taken(this.#slot);
    };
    return element("li", {}, resultButton(row, pick));
  }

  #ordered() {
    const first = OF_SCENES.includes(this.#slot.role) ? "scene" : "texture";
    return [...this.#samples].sort((one, other) => Number(other.kind === first) - Number(one.kind === first));
  }

  #item(sample) {
    const pick = (picture) => {
      this.#slot.set(picture);
      this.#taken(this.#slot);
      $("picker").close();
    };
    return element("li", {}, sampleButton(sample, pick, this.#slot.picture?.id));
  }
}
