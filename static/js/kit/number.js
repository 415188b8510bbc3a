// A text field for a number. Browsers' own number fields are not used: they hide from us what was typed.

import { element } from "./dom.js";

/** @import { Parameter, TypedControl } from "../types" */

const SEEDS = 2 ** 32;

/**
 * What makes a control's help and error known to screen readers.
 * @param {string} id
 */
export const settled = (id) => ({ id, "aria-describedby": `${id}-help ${id}-error` });

/**
 * Text that is no number stays text, so that the server can say what is wrong with it.
 * @param {string} text
 * @param {boolean} nullable
 */
export function parseNumber(text, nullable) {
  if (text.trim() === "") return nullable ? null : "";
  const number = Number(text);
  return Number.isNaN(number) ? text : number;
}

/** @typedef {Pick<Parameter, "kind" | "nullable" | "minimum" | "maximum" | "multiple">} Numeric */

/** @param {Numeric} field @param {string} id @returns {TypedControl} */
export function numberControl(field, id) {
  const input = element("input", { type: "text", autocomplete: "off", ...settled(id) });
  input.inputMode = field.kind === "integer" ? "numeric" : "decimal";
  input.placeholder = field.nullable ? "automatic" : "";
  input.addEventListener("keydown", (event) => nudge(input, field, event));
  const get = () => parseNumber(input.value, field.nullable);
  return { node: input, target: input, get, set: (value) => (input.value = String(value ?? "")) };
}

/**
 * A button that fills a control with a random seed.
 * @param {TypedControl} control
 * @param {Node} icon
 */
export function dice(control, icon) {
  const onclick = () => {
    control.set(crypto.getRandomValues(new Uint32Array(1))[0] % SEEDS);
    control.target.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const label = "Another seed";
  return element("button", { type: "button", class: "plain square", "aria-label": label, title: label, onclick }, icon);
}

/**
 * By how much an arrow key counts: a tenth of the leading digit's place where it is no integer.
 * @param {Numeric} field
 * @param {number} value
 */
function stepOf(field, value) {
  if (field.kind === "integer") return field.multiple ?? 1;
  return 10 ** Math.floor(Math.log10(Math.abs(value) || 1)) / 10;
}

/** @type {Record<string, number>} */
const WAYS = { ArrowUp: 1, ArrowDown: -1 };

/** @param {HTMLInputElement} input @param {Numeric} field @param {KeyboardEvent} event */
function nudge(input, field, event) {
  const way = WAYS[event.key];
  const value = Number(input.value);
  if (!way || input.value === "" || Number.isNaN(value)) return;
  event.preventDefault();
  const [least, most] = [field.minimum ?? -Infinity, field.maximum ?? Infinity];
  const next = Math.min(most, Math.max(least, value + way * stepOf(field, value)));
  input.value = String(Number(next.toPrecision(12)));
  input.dispatchEvent(new Event("input", { bubbles: true }));
}
