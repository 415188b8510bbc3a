// The form for a new texture, made from the methods' schemas: cards, presets, simple fields, advanced options.

import { segments } from "./controls.js";
import { $, element, tell } from "./dom.js";
import { Field } from "./field.js";
import { recall, remember } from "./memory.js";
import { fieldsOf, plain, same } from "./schema.js";
import { title } from "./words.js";

const ARXIV = /^arXiv:(\d{4}\.\d{4,5})$/;

function paperLink(paper) {
  const id = paper.match(ARXIV)?.[1];
  if (!id) return element("span", { class: "hint" }, paper);
  const address = `https://arxiv.org/abs/${id}`;
  return element(
    "a",
    { href: address, target: "_blank", rel: "noreferrer", "aria-label": `The paper, ${paper} (opens a new tab)` },
    paper,
  );
}

function methodCard(method, onchoose) {
  const radio = element("input", {
    type: "radio",
    name: "method",
    value: method.name,
    onchange: () => onchoose(method.name),
  });
  const about = [element("strong", {}, method.title), element("span", { class: "summary" }, method.summary)];
  const card = element("label", { class: "method" }, radio, ...about);
  if (method.paper !== "none") card.append(element("span", { class: "method-paper" }, paperLink(method.paper)));
  return { card, radio };
}

export class Form {
  #methods = [];
  #method = null;
  #fields = new Map();
  #presets = null;
  #presetNote = element("p", { class: "field-help", id: "preset-note" });
  #wishes = recall("wishes", {}); // the simple fields as the person last set them, for every method
  #settings = recall("settings", {}); // method -> {preset, edits}

  setMethods(methods) {
    this.#methods = methods;
    const cards = methods.map((method) => methodCard(method, (name) => this.choose(name)));
    $("methods").append(...cards.map(({ card }) => card));
    const remembered = recall("method", null);
    this.choose(methods.some(({ name }) => name === remembered) ? remembered : methods[0]?.name);
  }

  get methodNames() {
    return this.#methods.map(({ name }) => name);
  }

  method(name) {
    return this.#methods.find((method) => method.name === name) ?? null;
  }

  choose(name) {
    this.#method = this.method(name);
    if (!this.#method) return;
    remember("method", name);
    for (const radio of $("methods").querySelectorAll("input")) radio.checked = radio.value === name;
    this.#build();
    const { preset, edits = {} } = this.#settings[name] ?? {};
    this.#applyPreset(preset in this.#method.presets ? preset : this.#firstPreset());
    for (const [field, value] of Object.entries(edits)) this.#fields.get(field)?.set(value);
    this.#changed();
  }

  #firstPreset(method = this.#method) {
    const names = Object.keys(method.presets);
    return names.includes("standard") ? "standard" : names[0];
  }

  #build() {
    const made = fieldsOf(this.#method.schema).map((field) => new Field(field, (changed) => this.#edited(changed)));
    this.#fields = new Map(made.map((field) => [field.name, field]));
    this.defaults = Object.fromEntries(made.map((field) => [field.name, field.base]));
    const simple = made.filter((field) => field.simple).map((field) => field.node);
    const advanced = made.filter((field) => !field.simple).map((field) => field.node);
    $("simple").replaceChildren(...this.#presetPicker(), ...simple);
    $("advanced-fields").replaceChildren(...advanced);
    $("advanced").hidden = !advanced.length;
  }

  #presetPicker() {
    const names = Object.keys(this.#method.presets);
    this.#presets = null;
    if (names.length < 2) return [];
    this.#presets = segments("preset", names, (name) => [title(name)], "Preset");
    this.#presets.node.setAttribute("aria-describedby", "preset-note");
    this.#presets.node.addEventListener("change", (event) => {
      event.stopPropagation();
      this.#applyPreset(this.#presets.get());
      this.#changed();
    });
    const head = element(
      "div",
      { class: "field-head" },
      element("span", { class: "name", "aria-hidden": "true" }, "Preset"),
    );
    return [element("div", { class: "field" }, head, this.#presets.node, this.#presetNote)];
  }

  get preset() {
    return this.#presets?.get() ?? null;
  }

  #applyPreset(name) {
    this.#presets?.set(name);
    const values = this.#method.presets[name] ?? {};
    for (const field of this.#fields.values()) {
      field.setBase(field.name in values ? values[field.name] : this.defaults[field.name]);
      const wish = field.simple && !(field.name in values) ? this.#wishes[field.name] : undefined;
      field.set(wish ?? field.base);
    }
    this.#presetNote.textContent = this.#presetWords(values);
  }

  #presetWords(values) {
    const words = Object.entries(values).map(([name, value]) => {
      const shown =
        typeof value === "boolean"
          ? value
            ? "on"
            : "off"
          : Number.isFinite(value)
            ? Number(value.toPrecision(3))
            : value;
      return `${title(name).toLowerCase()} ${shown}`;
    });
    return words.length ? `Sets ${words.join(", ")}.` : "The defaults: a good picture soon.";
  }

  #edited(field) {
    if (field.simple) {
      this.#wishes = { ...this.#wishes, [field.name]: field.value };
      remember("wishes", this.#wishes);
    }
    this.#changed();
  }

  #changed() {
    tell($("form-error"), "");
    const changed = [...this.#fields.values()].filter((field) => !field.simple && field.departs).length;
    $("advanced-count").textContent = changed ? `${changed} changed` : "";
    this.#settings = { ...this.#settings, [this.#method.name]: { preset: this.preset, edits: this.#departures() } };
    remember("settings", this.#settings);
  }

  #departures() {
    const departing = [...this.#fields.values()].filter((field) => field.departs);
    return Object.fromEntries(departing.map((field) => [field.name, field.value]));
  }

  /** {method, preset, params} as POST /api/jobs wants it: only what departs from the preset. */
  request() {
    const preset = this.preset;
    return { method: this.#method.name, ...(preset && { preset }), params: this.#departures() };
  }

  /** Every method with its standard preset, and with the simple fields as the person last set them. */
  standardRuns() {
    return this.#methods.map((method) => {
      const preset = this.#firstPreset(method);
      const set = method.presets[preset] ?? {};
      const wished = ({ name, simple, default: usual }) =>
        simple && !(name in set) && name in this.#wishes && !same(this.#wishes[name], usual);
      const names = fieldsOf(method.schema).filter(wished);
      const params = Object.fromEntries(names.map(({ name }) => [name, this.#wishes[name]]));
      return { method: method.name, ...(preset && { preset }), params };
    });
  }

  /** A request in words: "Gatys et al. 2015 · draft · seed 5". */
  describe({ method, preset, params }) {
    const words = Object.entries(params).map(([name, value]) => `${title(name).toLowerCase()} ${value}`);
    const settings = [preset !== "standard" && preset, ...words].filter(Boolean);
    return [this.method(method)?.title ?? title(method), ...settings].join(" · ");
  }

  /** Takes over a request as `request` makes them. */
  take({ method, preset, params }) {
    if (!this.method(method)) return;
    this.choose(method);
    this.#applyPreset(preset in this.#method.presets ? preset : this.#firstPreset());
    for (const field of this.#fields.values()) field.set(params[field.name] ?? field.base);
    this.#changed();
  }

  /** Takes over a job's settings. */
  fill(row) {
    const request = this.requestOf(row);
    if (!request) return;
    this.take(request);
    for (const field of this.#fields.values()) if (field.simple) this.#edited(field);
  }

  /** The request that leads to a job like this one, from the preset that is nearest; null where none does. */
  requestOf(row) {
    const method = this.method(row.method);
    if (!method) return null;
    const fields = fieldsOf(method.schema);
    const departures = (preset) => {
      const values = method.presets[preset] ?? {};
      const usual = ({ name, kind, default: value }) => (name in values ? plain(values[name], kind) : value);
      return fields.filter((field) => !same(usual(field), plain(row.params[field.name], field.kind)));
    };
    const nearer = (best, name) => (departures(name).length < departures(best).length ? name : best);
    const preset = Object.keys(method.presets).reduce(nearer, this.#firstPreset(method));
    const params = Object.fromEntries(departures(preset).map(({ name }) => [name, row.params[name]]));
    return { method: row.method, ...(preset && { preset }), params };
  }

  /** Shows a problem at the field that it names, else above the button. */
  showProblem(problem) {
    const name = problem.field?.replace(/^(runs\.\d+\.)?params\./, "").split(".")[0];
    const field = this.#fields.get(name);
    if (!field) return tell($("form-error"), problem.message);
    if (!field.simple) $("advanced").open = true;
    field.showError(problem.message);
    return undefined;
  }

  clearProblems() {
    tell($("form-error"), "");
    for (const field of this.#fields.values()) field.clearError();
  }
}
