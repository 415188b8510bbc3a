// Under a method's presets: those that somebody has saved, and the dialogue in which one is saved.

import { $, element, find, icon, tell, write } from "../kit/dom.js";
import { announce, offer } from "../kit/notices.js";
import { fieldsOf } from "../kit/schema.js";
import { settings } from "../state/rows.js";
import { LONGEST, MOST, presetsOf, removePreset, restorePreset, savePreset, sifted, trimmed } from "./own-presets.js";

export class PresetRow {
  #form;
  #list = element("ul", { class: "own-presets-list", "aria-label": "Your presets" });
  #save = element("button", { type: "button", class: "quiet" }, icon("plus"), "Save as preset…");
  #note = element("p", { class: "field-help", role: "status", hidden: true });

  constructor(form) {
    this.#form = form;
    form.presetRoom.append(element("div", { class: "own-presets-row" }, this.#list, this.#save), this.#note);
    for (const event of ["method", "change"]) form.addEventListener(event, () => this.#show());
    this.#save.addEventListener("click", () => this.#open());
    $("keeping-name").maxLength = LONGEST;
    $("keeping-name").addEventListener("input", () => this.#showName());
    $("keeping-close").addEventListener("click", () => $("keeping").close());
    $("keeping-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#keep();
    });
  }

  get #method() {
    return this.#form.chosen.name;
  }

  #show() {
    const presets = presetsOf(this.#method);
    const had = this.#list.contains(document.activeElement);
    this.#list.replaceChildren(...presets.map((preset) => this.#chip(preset)));
    this.#list.hidden = !presets.length;
    this.#save.hidden = !Object.keys(this.#form.differences).length;
    this.#form.presetRoom.hidden = this.#list.hidden && this.#save.hidden;
    tell(this.#note, "");
    if (had) (find("[aria-pressed=true]", this.#list) ?? find("button", this.#list) ?? this.#save).focus();
  }

  #chip(preset) {
    const { name, values } = preset;
    const words = settings({ method: this.#method, params: values }).join(" · ");
    const face = {
      type: "button",
      class: "chip-face",
      title: words,
      "aria-pressed": String(this.#form.says(values)),
      onclick: () => this.#apply(preset),
    };
    const label = `Delete the preset ${name}`;
    const away = { type: "button", class: "chip-away", "aria-label": label, onclick: () => this.#remove(preset) };
    return element(
      "li",
      { class: "chip" },
      element("button", face, element("span", {}, name)),
      element("button", away, icon("close")),
    );
  }

  #apply({ name, values }) {
    const { taken, left } = sifted(values, fieldsOf(this.#form.chosen.schema));
    this.#form.lay(taken);
    if (left.length) tell(this.#note, `Left out of “${name}”, as this version does not take it: ${left.join(", ")}.`);
  }

  #remove(preset) {
    const method = this.#method;
    removePreset(method, preset.name);
    this.#show();
    const back = () => {
      const name = restorePreset(method, preset);
      this.#show();
      if (name !== preset.name)
        tell(this.#note, `There is a newer “${preset.name}”: the deleted one is back as “${name}”.`);
    };
    offer(`The preset “${preset.name}” is deleted.`, "Undo", back);
  }

  // --- the dialogue ---

  #open() {
    if (!this.#form.check()) return;
    const words = settings({ method: this.#method, params: this.#form.differences });
    write($("keeping-words"), `What differs from the defaults: ${words.join(" · ")}.`);
    $("keeping-name").value = "";
    this.#showName();
    $("keeping").showModal();
  }

  /** Whether there is one of that name, which would be replaced. */
  #isTaken(name) {
    return presetsOf(this.#method).some((preset) => preset.name === name);
  }

  #showName() {
    const name = trimmed($("keeping-name").value);
    const isTaken = this.#isTaken(name);
    write($("keeping-save"), isTaken ? "Replace" : "Save");
    write($("keeping-note"), isTaken ? "You have a preset of that name: it is replaced." : "");
    tell($("keeping-error"), "");
  }

  #keep() {
    const name = trimmed($("keeping-name").value);
    const isFull = presetsOf(this.#method).length >= MOST && !this.#isTaken(name);
    if (!name) return this.#refuse("Enter a name.");
    if (isFull) return this.#refuse(`You have ${MOST} presets of this method: delete one, or replace one by its name.`);
    savePreset(this.#method, { name, values: this.#form.differences });
    $("keeping").close();
    this.#show();
    return announce(`Saved as “${name}”.`);
  }

  #refuse(words) {
    tell($("keeping-error"), words);
    $("keeping-name").focus();
  }
}
