// The dialogue for what a model paints: a picture of any size, a walk, or a picture of somebody's in its style.

import { $, element, icon, tell, write } from "../kit/dom.js";
import { Field } from "../kit/field.js";
import { recall, remember } from "../kit/memory.js";
import { attempt, clearComplaints } from "../kit/notices.js";
import { fieldsOf } from "../kit/schema.js";
import { extent, figure, times } from "../kit/words.js";
import * as api from "../state/api.js";
import { methodOf } from "../state/catalogue.js";
import { exemplarOf, pictureName } from "../state/names.js";
import { Slot } from "./slot.js";

/** @import { Jobs } from "../state/jobs.js" */

const KINDS = {
  sample: { words: "Sample of", start: "Generate", icon: "picture", common: ["1024", "2048", "4096", "1920x1080"] },
  walk: { words: "Animate", start: "Create animation", icon: "loop", common: ["128", "256", "512"] },
  stylise: { words: "Stylise in the style of", start: "Stylise", icon: "picture", content: true },
};

/** What is asked, as the server describes it; `common` are the sizes that have a button. */
function fieldsFor(what) {
  const fields = fieldsOf(methodOf(what).schema);
  return fields.map((field) => (field.kind === "size" ? { ...field, common: KINDS[what].common } : field));
}

/** What will come of it, as far as what is typed makes sense. */
function outcome(what, values) {
  if (what === "stylise") return "";
  const { width, height } = extent(values.size);
  if (!(width > 0 && height > 0)) return "";
  if (what === "sample") return `A PNG of ${figure((width * height) / 1e6)} megapixels.`;
  const seconds = values.frames / values.rate;
  return seconds > 0 ? `A looping animation of ${figure(seconds)} s, ${times({ width, height })} pixels.` : "";
}

export class Sampling {
  #jobs;
  #navigation;
  #model = null; // the row of the job that left the model
  #what = "sample";
  #fields = new Map();
  #content; // the slot of what is stylised

  /**
   * @param {Jobs} jobs
   * @param ways of the slot of what is stylised: to choose a picture, and to crop it.
   */
  constructor(jobs, navigation, ways) {
    this.#content = new Slot("content", ways, "stylise");
    $("sampling-fields").before(this.#content.node);
    this.#jobs = jobs;
    this.#navigation = navigation;
    $("sampling-close").addEventListener("click", () => $("sampling").close());
    $("sampling-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#start();
    });
  }

  /** Ask what is to be painted. @param params where to begin from; else what was chosen last. */
  open(what, model, params = recall(`sampling-${what}`, {})) {
    this.#model = model;
    this.#what = what;
    write($("sampling-heading"), `${KINDS[what].words} ${exemplarOf(model)}`);
    $("sampling-start").replaceChildren(icon(KINDS[what].icon), element("span", {}, KINDS[what].start));
    const content = methodOf(what).roles.find(({ name }) => name === "content");
    if (content) this.#content.call(content);
    this.#content.node.hidden = !content;
    this.#build(params);
    tell($("sampling-error"), "");
    $("sampling").showModal();
    if (KINDS[what].content) this.#content.focus();
    else this.#fields.get("size").control.target.select();
  }

  #build(params) {
    const made = fieldsFor(this.#what).map((field) => new Field(field, () => this.#edited(), `sampling-${this.#what}`));
    this.#fields = new Map(made.map((field) => [field.name, field]));
    for (const field of made) field.set(params[field.name] ?? field.base);
    const nodes = made.map(({ name, node }) => {
      node.dataset.field = name;
      return node;
    });
    $("sampling-fields").replaceChildren(...nodes);
    this.#edited();
  }

  get #values() {
    return Object.fromEntries([...this.#fields.values()].map(({ name, value }) => [name, value]));
  }

  #edited() {
    tell($("sampling-error"), "");
    write($("sampling-outcome"), outcome(this.#what, this.#values));
  }

  async #start() {
    if ($("sampling-start").disabled) return undefined; // Ctrl+Enter asks again
    if (KINDS[this.#what].content && !(await this.#hasContent())) return this.#content.focus();
    $("sampling-start").disabled = true;
    try {
      await this.#post(this.#model.id, this.#what, this.#values);
      remember(`sampling-${this.#what}`, this.#values);
    } catch (problem) {
      this.#showProblem(problem);
    } finally {
      $("sampling-start").disabled = false;
    }
    return undefined;
  }

  /** Whether there is a picture, once the file that may be on its way has come, and it is still wanted. */
  async #hasContent() {
    this.#content.complain("");
    $("sampling-start").disabled = true;
    await this.#content.arrival;
    $("sampling-start").disabled = false;
    if (!this.#content.picture && !this.#content.complains)
      this.#content.complain("First choose a picture: drop one here, paste one, or take a sample.");
    return $("sampling").open && !this.#content.complains;
  }

  async #post(model, what, params) {
    const content = KINDS[what].content && this.#content.picture.id;
    const row = await api.start({ method: what, images: { model, content }, params });
    clearComplaints();
    $("sampling").close(); // first: what is behind it cannot have the focus
    this.#jobs.setRow(row);
    this.#navigation.select(row.id);
    $("stage").focus({ preventScroll: true });
  }

  #showProblem(problem) {
    if (problem.field === "images.content") return this.#content.complain(problem.message);
    const field = this.#fields.get(problem.field?.replace(/^params\./, "").split(".")[0]);
    return field ? field.showError(problem.message) : tell($("sampling-error"), problem.message);
  }

  /** The same as a sample or a walk that there is, with a seed that nobody has chosen. */
  again(row) {
    const seed = crypto.getRandomValues(new Uint32Array(1))[0];
    return attempt(() => this.#post(row.images.model, row.method, { ...row.params, seed }));
  }

  /** The settings of a sample or a walk, to be changed and used once more. */
  async reuse(row) {
    const model = await attempt(() => api.job(row.images.model));
    if (!model) return;
    if (row.images.content) this.#content.set({ id: row.images.content, name: pictureName(row, "content") });
    this.open(row.method, model, row.params);
  }
}
