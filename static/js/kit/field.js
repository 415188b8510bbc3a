// A field of the form: its label, control, help, the way back to its default, and its error.

import { makeControl } from "./controls.js";
import { element, tell } from "./dom.js";
import { objection, plain, range, same } from "./schema.js";
import { sentence } from "./words.js";

/** @import { Control, Parameter } from "../types" */

/** @param {Parameter} field @param {Control} control @param {string} id @param {HTMLElement} reset */
function heading(field, control, id, reset) {
  const label =
    control.group || control.labelled
      ? element("span", { class: "name", id: `${id}-label` }, control.labelled ? "" : field.label)
      : element("label", { htmlFor: id, id: `${id}-label` }, field.label);
  const limits = ["integer", "number", "size"].includes(field.kind) ? range(field) : "";
  return element("div", { class: "field-head" }, label, element("span", { class: "field-range" }, limits), reset);
}

export class Field {
  #about;

  /**
   * @param {Parameter} field
   * @param {(field: Field) => void} onchange
   * @param form the word before the field's ids; each form of the page has its own.
   */
  constructor(field, onchange, form = "field") {
    const id = `${form}-${field.name}`;
    this.#about = field;
    this.name = field.name;
    this.kind = field.kind;
    this.simple = field.simple;
    this.choices = field.choices ?? [];
    this.control = makeControl(field, id);
    this.base = field.default; // what the preset says, or the schema
    this.reset = element(
      "button",
      { type: "button", class: "reset", hidden: true, "aria-label": `Reset ${field.label}` },
      "Reset",
    );
    this.error = element("p", { class: "field-error", id: `${id}-error`, hidden: true, role: "alert" });
    const help = element("p", { class: "field-help", id: `${id}-help` }, sentence(field.help));
    this.node = element(
      "div",
      { class: "field" },
      heading(field, this.control, id, this.reset),
      this.control.node,
      help,
      this.error,
    );
    this.node.addEventListener("input", () => {
      this.clearError();
      this.refresh();
      onchange(this);
    });
    this.node.addEventListener("change", () => this.tell(this.objection)); // once a person has gone on
    this.reset.addEventListener("click", () => {
      this.set(this.base);
      this.control.target.focus();
      onchange(this);
    });
  }

  get value() {
    return this.control.get();
  }

  /** What to enter instead of what it has; "" where that may be. */
  get objection() {
    return objection(this.#about, this.value);
  }

  get departs() {
    return !same(this.value, this.base);
  }

  /** @param {unknown} value */
  set(value) {
    this.control.set(plain(value, this.kind));
    this.clearError();
    this.refresh();
  }

  /** @param {unknown} value */
  setBase(value) {
    this.base = plain(value, this.kind);
    this.refresh();
  }

  refresh() {
    this.reset.hidden = this.simple || !this.departs;
  }

  /**
   * Says what is wrong with it; "" where nothing is.
   * @param {string} problem
   */
  tell(problem) {
    tell(this.error, problem);
    for (const target of this.control.both ?? [this.control.target])
      if (problem) target.setAttribute("aria-invalid", "true");
      else target.removeAttribute("aria-invalid");
  }

  /** @param {string} text */
  showError(text) {
    this.tell(text);
    this.control.target.focus();
    this.node.scrollIntoView({ block: "center" });
  }

  clearError() {
    this.tell("");
  }
}
