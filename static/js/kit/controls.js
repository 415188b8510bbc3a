// One control for each kind of field. Each is {node, target, get(), set(value)}: `target` takes the focus.

import { element, icon } from "./dom.js";
import { dice, numberControl, parseNumber, settled } from "./number.js";
import { SizeControl } from "./size.js";
import { choiceWord } from "./words.js";

/** @import { Choice, Control, Kind, Parameter, TypedControl } from "../types" */

const SEGMENTS_UP_TO = 4;
const SEGMENT_LETTERS = 24; // longer words than this in all do not fit a row of segments

/** @param {Parameter} field @param {Choice} choice */
const wordOf = (field, choice) => field.words[String(choice)] ?? choiceWord(choice);

/** @param {Parameter} field @param {string} id @returns {TypedControl} */
function textControl(field, id) {
  const input = element("input", { type: "text", autocomplete: "off", spellcheck: false, ...settled(id) });
  if (field.nullable) input.placeholder = "automatic";
  const get = () => (field.nullable && input.value.trim() === "" ? null : input.value);
  return { node: input, target: input, get, set: (value) => (input.value = String(value ?? "")) };
}

/** @param {Parameter} field @param {string} id @returns {Control} */
function switchControl(field, id) {
  const input = element("input", { type: "checkbox", ...settled(id) });
  const node = element("label", { class: "check" }, input, element("span", {}, field.label));
  return {
    node,
    target: input,
    get: () => input.checked,
    set: (value) => (input.checked = Boolean(value)),
    labelled: true,
  };
}

/** @param {Parameter} field @param {string} id @returns {Control} */
function selectControl(field, id) {
  const empty = field.nullable ? [element("option", { value: "" }, "Automatic")] : [];
  const options = field.choices.map((choice) => element("option", { value: String(choice) }, wordOf(field, choice)));
  const input = element("select", settled(id), ...empty, ...options);
  const get = () => field.choices.find((choice) => String(choice) === input.value) ?? null;
  return { node: input, target: input, get, set: (value) => (input.value = value === null ? "" : String(value)) };
}

/**
 * A row of radio buttons. `face(choice)` makes what is seen of each.
 * @template {Choice} T
 * @param {string} name
 * @param {T[]} choices
 * @param {(choice: T) => (Node | string)[]} face
 * @param {string} legend
 */
export function segments(name, choices, face, legend) {
  const radios = choices.map((choice) => element("input", { type: "radio", name, value: String(choice) }));
  const labels = radios.map((radio, index) =>
    element("label", {}, radio, element("span", {}, ...face(choices[index]))),
  );
  const node = element(
    "fieldset",
    { class: "segments bare" },
    element("legend", { class: "unseen" }, legend),
    ...labels,
  );
  const get = () => choices[radios.findIndex((radio) => radio.checked)] ?? null;
  /** @param {unknown} value */
  const set = (value) => radios.forEach((radio, index) => (radio.checked = choices[index] === value));
  return { node, target: radios[0], get, set, group: true };
}

/** @param {Parameter} field @param {string} id @returns {Control} */
function segmentControl(field, id) {
  /** @param {Choice} choice */
  const face = (choice) => {
    const word = wordOf(field, choice);
    return field.name === "tile" ? [icon(`tile-${choice}`), word] : [word];
  };
  const control = segments(id, field.choices, face, field.label);
  control.node.id = id;
  control.node.setAttribute("aria-describedby", settled(id)["aria-describedby"]);
  return control;
}

/** @param {Parameter} field @param {string} id @returns {Control} */
function choiceControl(field, id) {
  const letters = field.choices.join("").length;
  const fits = field.choices.length <= SEGMENTS_UP_TO && letters <= SEGMENT_LETTERS && !field.nullable;
  return fits ? segmentControl(field, id) : selectControl(field, id);
}

/** @param {Parameter} field @param {string} id @returns {Control} */
function listControl(field, id) {
  const control = textControl({ ...field, nullable: false }, id);
  /** @param {string} text */
  const item = (text) => (field.items?.type === "string" ? text : parseNumber(text, false));
  const get = () =>
    control.target.value
      .split(/[\s,]+/)
      .filter(Boolean)
      .map(item);
  return { ...control, get, set: (value) => (control.target.value = Array.isArray(value) ? value.join(", ") : "") };
}

/** @param {Parameter} field @param {string} id @returns {Control} */
function jsonControl(field, id) {
  const input = element("textarea", { spellcheck: false, rows: 3, ...settled(id) });
  const get = () => {
    try {
      return JSON.parse(input.value);
    } catch {
      return input.value; // no JSON: the server says what it wants
    }
  };
  return { node: input, target: input, get, set: (value) => (input.value = JSON.stringify(value)) };
}

/** @param {Parameter} field @param {string} id @returns {Control} */
function seedControl(field, id) {
  const control = numberControl(field, id);
  return { ...control, node: element("div", { class: "with-button" }, control.node, dice(control, icon("dice"))) };
}

/** @type {Record<Kind, (field: Parameter, id: string) => Control>} */
const MAKERS = {
  size: (field, id) => new SizeControl(field, id),
  choice: choiceControl,
  switch: switchControl,
  integer: numberControl,
  number: numberControl,
  text: textControl,
  list: listControl,
  json: jsonControl,
};

/** @param {Parameter} field @param {string} id @returns {Control} */
export function makeControl(field, id) {
  if (field.name === "seed") return seedControl(field, id);
  return MAKERS[field.kind](field, id);
}
