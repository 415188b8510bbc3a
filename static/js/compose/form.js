// The form for a new texture, made from the methods' schemas: methods, presets, simple fields, advanced options.
// Events: "method", when another one is chosen; "change", when any field may have another value; "seed", when it may count or not.

import { segments } from "../kit/controls.js";
import { $, element, tell, withCode, write } from "../kit/dom.js";
import { Field } from "../kit/field.js";
import { recall, remember } from "../kit/memory.js";
import { fieldsOf, plain, same } from "../kit/schema.js";
import { capital, title } from "../kit/words.js";
import { SEAMLESS, settings } from "../state/rows.js";

const HOMES = { arXiv: "https://arxiv.org/abs/", doi: "https://doi.org/" };

function paperLink(paper) {
  const [kind, id] = paper.split(/:(.*)/);
  if (!(kind in HOMES)) return element("span", { class: "hint" }, paper);
  const address = HOMES[kind] + id;
  return element(
    "a",
    { href: address, target: "_blank", rel: "noreferrer", "aria-label": `The paper, ${paper} (opens a new tab)` },
    paper,
  );
}

/** "organic textures (Gatys 2015)" */
const purposeOf = ({ purpose, citation }) => [purpose, citation && `(${citation})`].filter(Boolean).join(" ");

function methodButton(method, onchoose) {
  const { name, title: named } = method;
  const radio = { type: "radio", name: "method", value: name, "aria-describedby": "method-about" };
  const input = element("input", { ...radio, onchange: () => onchoose(name) });
  const face = element("span", {}, named, " ", element("small", {}, purposeOf(method)));
  return element("label", { class: "method" }, input, face);
}

const SEED = "seed";
/** What a person wants of the picture, whichever method makes it; all else is each method's own. */
const COMMON = ["size", "tile", SEED];

/** Whether a method makes a new picture, of any size; the others go by the one that they are given. */
const makesNew = ({ schema }) => "size" in schema.properties;
const others = (methods) => methods.filter((method) => !makesNew(method));

/** A wish holds for all methods whose field of that name is of the same kind. */
const wishOf = ({ name, kind }) => `${name} ${kind}`;

export class Form extends EventTarget {
  #methods = [];
  #method = null;
  #fields = new Map();
  #presets = null;
  #presetNote = element("p", { class: "field-help", id: "preset-note" });
  #times = new Map(); // preset -> how long it takes, in words
  #isSeeded = true;
  #wishes = recall("wishes", {}); // the common fields as the person last set them, for every method
  #settings = recall("settings", {}); // method -> {preset, edits}
  presetRoom = element("div", { class: "field own-presets" }); // beneath the method's own

  setMethods(methods) {
    this.#methods = methods;
    const [ahead, behind] = [true, false].map((is) => others(methods).filter(({ name }) => (name === SEAMLESS) === is));
    const shown = [...ahead, ...this.textureMethods, ...behind];
    $("method-list").replaceChildren(...shown.map((method) => methodButton(method, (name) => this.choose(name))));
    const remembered = recall("method", null);
    this.choose(methods.some(({ name }) => name === remembered) ? remembered : this.textureMethods[0]?.name);
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
    this.#times = new Map(); // of the method before
    for (const radio of $("method-list").querySelectorAll("input")) radio.checked = radio.value === name;
    this.#showAbout(this.#method);
    this.#build();
    const { preset, edits = {} } = this.#settings[name] ?? {};
    this.#applyPreset(preset in this.#method.presets ? preset : this.#firstPreset());
    const own = Object.entries(edits).filter(([field]) => !this.#isWished(field));
    for (const [field, value] of own) this.#fields.get(field)?.set(value);
    this.#changed();
    this.dispatchEvent(new Event("method"));
  }

  #showAbout({ summary, paper }) {
    $("method-about").replaceChildren(...withCode(summary), ...(paper === "none" ? [] : [" ", paperLink(paper)]));
  }

  /** The method that is chosen, as the server describes it; null until that is known. */
  get chosen() {
    return this.#method;
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
    $("simple").replaceChildren(...this.#presetPicker(), this.presetRoom, ...simple);
    $("advanced-fields").replaceChildren(...advanced);
    $("advanced").hidden = !advanced.length;
  }

  #presetPicker() {
    const names = Object.keys(this.#method.presets);
    this.#presets = null;
    if (names.length < 2) return [];
    this.#presets = segments("preset", names, (name) => [title(name.replaceAll("-", " "))], "Preset");
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
      field.set(this.#wish(field, values) ?? field.base);
    }
    this.#notePreset();
  }

  /** What the preset is for, and how long it takes where that is known. */
  #notePreset() {
    const words = [this.#method.preset_words[this.preset], this.#times.get(this.preset)];
    write(this.#presetNote, words.filter(Boolean).join(", "));
  }

  /** A run of each preset; none where there is nothing to choose. */
  get presetRuns() {
    return this.preset ? Object.keys(this.#method.presets).map((preset) => this.standardRun(this.#method, preset)) : [];
  }

  /** @param times preset -> how long a run with it takes, in words */
  timePresets(times) {
    this.#times = times;
    if (this.#method) this.#notePreset();
  }

  /** Whether the person wants the same of it of every method: a common field of which no preset says otherwise. */
  #isWished(name, preset = this.#method.presets[this.preset] ?? {}) {
    return COMMON.includes(name) && !(name in preset);
  }

  /** What the person last wanted of a common field, where it may be had. */
  #wish(field, preset) {
    const wish = this.#isWished(field.name, preset) ? this.#wishes[wishOf(field)] : undefined;
    return field.kind === "choice" && !field.choices.includes(wish) ? undefined : wish;
  }

  /** Remembers what these fields say, as what the person wants. */
  #want(fields) {
    if (!makesNew(this.#method)) return; // what such a one says of tiling is of the picture that it is given
    const wanted = fields.filter(({ name, objection }) => COMMON.includes(name) && !objection);
    const wishes = Object.fromEntries(wanted.map((field) => [wishOf(field), field.value]));
    this.#wishes = { ...this.#wishes, ...wishes };
    remember("wishes", this.#wishes);
  }

  #edited(field) {
    this.#want([field]);
    this.#changed();
  }

  #changed() {
    tell($("form-error"), "");
    const changed = [...this.#fields.values()].filter((field) => !field.simple && field.departs).length;
    $("advanced-count").textContent = changed ? `${changed} changed` : "";
    this.#settings = { ...this.#settings, [this.#method.name]: { preset: this.preset, edits: this.#departures(true) } };
    remember("settings", this.#settings);
    this.dispatchEvent(new Event("change"));
  }

  /** What decides how a regular exemplar is fitted, {method, size, …}; null where the method does not fit it. */
  get fitting() {
    if (!this.#fields.has("regular")) return null;
    const names = ["size", "tile", "exemplar_size", "regular"].filter((name) => this.#fields.has(name));
    const said = names.map((name) => [name, this.#fields.get(name).value]);
    return { method: this.#method.name, ...Object.fromEntries(said) };
  }

  /** What it says of the result, as far as the method asks for that. */
  get result() {
    return Object.fromEntries(["size", "tile"].map((name) => [name, this.#fields.get(name)?.value]));
  }

  /** Sets these fields as a person would. */
  edit(values) {
    for (const [name, value] of Object.entries(values)) {
      const field = this.#fields.get(name);
      field.set(value);
      this.#edited(field);
    }
  }

  /** What departs from the method's defaults, whatever the preset says. The seed is of one picture, and no setting. */
  get differences() {
    const differing = [...this.#fields.values()].filter(
      ({ name, value, objection }) => name !== SEED && !objection && !same(value, this.defaults[name]),
    );
    return Object.fromEntries(differing.map(({ name, value }) => [name, value]));
  }

  /** Whether the form says these values, and else the defaults, or what is wanted of any picture. */
  says(values) {
    const isUsual = ({ name, value }) => COMMON.includes(name) || same(value, this.defaults[name]);
    return [...this.#fields.values()].every((field) =>
      field.name in values ? same(field.value, values[field.name]) : isUsual(field),
    );
  }

  /** Takes over values as those of a preset. */
  lay(values) {
    this.#applyPreset(this.#firstPreset());
    for (const [name, value] of Object.entries(values)) this.#fields.get(name).set(value);
    this.#want(Object.keys(values).map((name) => this.#fields.get(name)));
    this.#changed();
  }

  /** Shows the first field whose value cannot be; whether there is none. */
  check() {
    this.clearProblems();
    const wrong = [...this.#fields.values()].find((field) => field.objection);
    if (wrong) this.#show(wrong, wrong.objection);
    return !wrong;
  }

  /** @param remembered - only those that can be. */
  #departures(remembered = false) {
    const departing = [...this.#fields.values()].filter((field) => field.departs && !(remembered && field.objection));
    return Object.fromEntries(departing.map((field) => [field.name, field.value]));
  }

  /** {method, preset, params} as POST /api/jobs wants it: only what departs from the preset. */
  request() {
    const preset = this.preset;
    return { method: this.#method.name, ...(preset && { preset }), params: this.#departures() };
  }

  /** Whether another seed gives another picture. */
  get hasSeed() {
    return this.#fields.has(SEED) && this.#isSeeded;
  }

  /** @param {boolean} isSeeded whether it does, with these settings and pictures */
  setSeeded(isSeeded) {
    this.#isSeeded = isSeeded;
    this.dispatchEvent(new Event("seed"));
  }

  /** So many requests that differ by their seed alone, from the form's on. What is no seed goes to the server as it is. */
  seeded(count) {
    const { params, ...request } = this.request();
    const first = this.#fields.get(SEED).value;
    const seeds = Array.from({ length: count }, (_, further) => (Number.isInteger(first) ? first + further : first));
    return seeds.map((seed) => ({ ...request, params: { ...params, seed } }));
  }

  get methods() {
    return this.#methods;
  }

  /** Those that make a new picture. */
  get textureMethods() {
    return this.#methods.filter(makesNew);
  }

  /** A method with a preset, its standard one unless told, and with the common fields as the person last set them. */
  standardRun(method, preset = this.#firstPreset(method)) {
    const set = method.presets[preset] ?? {};
    const wish = (field) => this.#wish(field, set);
    const fields = fieldsOf(method.schema).filter((field) => !same(wish(field) ?? field.default, field.default));
    const params = Object.fromEntries(fields.map((field) => [field.name, wish(field)]));
    return { method: method.name, ...(preset && { preset }), params };
  }

  /** A request, or a job, in words: "Neural statistics · draft · seed 5". */
  describe(request) {
    const name = this.method(request.method)?.title ?? title(request.method);
    return [name, ...settings(request)].join(" · ");
  }

  /** Takes over a request as `request` makes them. */
  take({ method, preset, params }) {
    if (!this.method(method)) return;
    this.choose(method);
    this.#applyPreset(preset in this.#method.presets ? preset : this.#firstPreset());
    for (const field of this.#fields.values()) field.set(field.name in params ? params[field.name] : field.base);
    this.#want([...this.#fields.values()].filter(({ name }) => this.#isWished(name)));
    this.#changed();
  }

  /** Takes over a job's settings. */
  fill(row) {
    const request = this.requestOf(row);
    if (request) this.take(request);
  }

  /** The request that leads to a job like this one, from the preset that is nearest; null where none does. */
  requestOf(row) {
    const method = this.method(row.method);
    if (!method) return null;
    const fields = fieldsOf(method.schema);
    const departures = (preset) => {
      const values = method.presets[preset] ?? {};
      const usual = ({ name, kind, default: value }) => (name in values ? plain(values[name], kind) : value);
      const said = fields.filter(({ name }) => name in row.params); // an older version had fewer
      return said.filter((field) => !same(usual(field), plain(row.params[field.name], field.kind)));
    };
    const nearer = (best, name) => (departures(name).length < departures(best).length ? name : best);
    const preset = Object.keys(method.presets).reduce(nearer, this.#firstPreset(method));
    const params = Object.fromEntries(departures(preset).map(({ name }) => [name, row.params[name]]));
    return { method: row.method, ...(preset && { preset }), params };
  }

  /** Whether a request leads to a job like this one, with the same settings. */
  leadsTo({ method: name, preset, params }, row) {
    const method = this.method(name);
    if (!method || row.method !== name) return false;
    const values = { ...method.presets[preset], ...params };
    const known = fieldsOf(method.schema).filter((field) => field.name in row.params); // an older version had fewer
    return known.every((field) => {
      const value = field.name in values ? values[field.name] : field.default;
      return same(plain(value, field.kind), plain(row.params[field.name], field.kind));
    });
  }

  /** The settings of a job in words: what departs from what is usual. */
  settingsOf(row) {
    return capital(settings(this.requestOf(row) ?? row).join(" · ") || "standard");
  }

  /** A job's method and settings in words; "" where the page does not offer the method. */
  aboutOf(row) {
    const request = this.requestOf(row);
    return request ? this.describe(request) : "";
  }

  /** Shows a problem at the field that it names, else above the button. */
  showProblem(problem) {
    const name = problem.field?.replace(/^(runs\.\d+\.)?params\./, "").split(".")[0];
    const field = this.#fields.get(name);
    if (field) this.#show(field, problem.message);
    else tell($("form-error"), problem.message);
  }

  #show(field, words) {
    if (!field.simple) $("advanced").open = true;
    field.showError(words);
  }

  clearProblems() {
    tell($("form-error"), "");
    for (const field of this.#fields.values()) field.clearError();
  }
}
