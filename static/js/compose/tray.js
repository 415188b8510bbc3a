// The tray: runs that are collected for a comparison, each a method with its settings. Remembered over a reload.
// Event: "change".

import { $, element, find, icon, tell } from "../kit/dom.js";
import { recall, remember } from "../kit/memory.js";
import { announce } from "../kit/notices.js";
import { facts } from "../state/catalogue.js";

const wordsOf = (slots) => slots.map(({ title }) => `“${title}”`).join(" and ");

const isRun = (run) => typeof run?.method === "string" && typeof run.params === "object";

export class Tray extends EventTarget {
  runs = recall("tray", []).filter(isRun);
  #form;
  #pictures;
  #chosen = null; // the run whose settings the form was given last

  constructor(form, pictures) {
    super();
    this.#form = form;
    this.#pictures = pictures;
    $("tray-add").addEventListener("click", () => form.check() && this.add(form.request()));
    $("tray-all").addEventListener("click", () => this.#addAll());
    $("tray-save").addEventListener("click", () => this.#save());
    $("tray-clear").addEventListener("click", () => this.clear());
  }

  add(...runs) {
    const room = facts.limits.runs - this.runs.length;
    this.#set([...this.runs, ...runs.slice(0, room)]);
    announce(runs.length > room ? `${facts.limits.runs} runs are the most.` : `${this.#count()} to compare.`);
  }

  /** A run of each method, but for those that need a picture which is not there: that is said. */
  #addAll() {
    const lacking = (method) => this.#pictures.lacking([method]).filter((slot) => slot !== this.#pictures.source);
    const left = this.#form.textureMethods.filter((method) => lacking(method).length);
    const taken = this.#form.textureMethods.filter((method) => !left.includes(method));
    this.add(...taken.map((method) => this.#form.standardRun(method)));
    const farewell = (method) => `${method.title} is left out: it needs a picture for ${wordsOf(lacking(method))}.`;
    tell($("tray-note"), left.map(farewell).join(" "));
  }

  replace(runs) {
    this.#set(runs.slice(0, facts.limits.runs));
  }

  clear() {
    this.#set([]);
    $("tray-add").focus({ preventScroll: true });
  }

  /** The settings of a run, back in the form. */
  choose(run) {
    this.#chosen = run;
    this.#form.take(run);
    this.show();
  }

  #count() {
    return `${this.runs.length} ${this.runs.length === 1 ? "run" : "runs"}`;
  }

  /** What the form says now becomes the run that was chosen. */
  #save() {
    if (!this.#form.check()) return;
    const fresh = this.#form.request();
    const at = this.runs.indexOf(this.#chosen);
    this.#chosen = null;
    this.#set(this.runs.map((run, index) => (index === at ? fresh : run)));
    announce(`Run ${at + 1} is now ${this.#form.describe(fresh)}.`);
  }

  #set(runs) {
    this.runs = runs;
    remember("tray", runs);
    tell($("tray-note"), "");
    this.show();
    this.dispatchEvent(new Event("change"));
  }

  /** Once the methods are known, too: until then their titles are not. */
  show() {
    if (!this.runs.includes(this.#chosen)) this.#chosen = null;
    const had = $("tray").contains(document.activeElement);
    $("tray").replaceChildren(...this.runs.map((run, index) => this.#chip(run, index)));
    $("tray").hidden = $("tray-clear").hidden = !this.runs.length;
    $("tray-save").hidden = !this.#chosen;
    $("tray-add").disabled = $("tray-all").disabled = this.runs.length >= facts.limits.runs;
    if (had) (find("[aria-pressed=true]", $("tray")) ?? $("tray-add")).focus({ preventScroll: true });
  }

  #chip(run, index) {
    const words = this.#form.describe(run);
    const face = {
      type: "button",
      class: "chip-face",
      title: `${words}: click to load it back`,
      "aria-pressed": String(run === this.#chosen),
      onclick: () => this.choose(run),
    };
    const away = {
      type: "button",
      class: "chip-away",
      "aria-label": `Remove run ${index + 1}, ${words}`,
      onclick: () => this.#set(this.runs.filter((one) => one !== run)),
    };
    return element(
      "li",
      { class: "chip" },
      element("button", face, element("span", {}, words)),
      element("button", away, icon("close")),
    );
  }
}
