// The sliders of a material: what they set is seen at once, and made anew on request. It comes with solid.js.

import { element } from "../kit/dom.js";
import { listenToMenu } from "../kit/menu.js";

/** @typedef {{ name: string, label: string, minimum: number, maximum: number, value: number }} Setting */

const STEPS = 100;
const MADE = "tuned"; // the event of the solid's host that asks for maps with these settings

/**
 * The button that opens them, with the sliders.
 * @param {Setting[]} settings
 * @param {(name: string, value: number, before: number) => void} tune shows what a value of a setting would look like
 * @param {HTMLElement} host on which the event is told, with the values by name
 */
export function tuning(settings, tune, host) {
  /** @type {Record<string, number>} */
  const values = Object.fromEntries(settings.map(({ name, value }) => [name, value]));
  const make = element("button", { type: "button", class: "primary", disabled: true }, "Make these maps");
  const isAsBefore = () => settings.every(({ name, value }) => values[name] === value);
  /** @param {Setting} setting */
  const row = ({ name, label, minimum, maximum, value: before }) => {
    const shown = element("output", {}, String(before));
    const about = { type: "range", min: minimum, max: maximum, step: (maximum - minimum) / STEPS };
    const slider = element("input", { ...about, value: before, "aria-label": label });
    slider.addEventListener("input", () => {
      values[name] = Number(slider.value);
      shown.value = slider.value;
      make.disabled = isAsBefore();
      tune(name, values[name], before);
    });
    return element("label", { class: "preview-times" }, element("span", {}, label), slider, shown);
  };
  make.addEventListener("click", () => {
    host.dispatchEvent(new CustomEvent(MADE, { detail: values, bubbles: true }));
  });
  const room = element("div", { class: "menu-room tuning" }, ...settings.map(row), make);
  const node = element("details", { class: "menu" }, element("summary", { class: "button quiet" }, "Adjust"), room);
  listenToMenu(node, ".primary");
  return node;
}
