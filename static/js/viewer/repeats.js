// The choice of how often a tile is repeated across and down: a menu with a grid of 5 × 5, as for tables in a letter.

import { element, find, write } from "../kit/dom.js";
import { listenToMenu } from "../kit/menu.js";

/** @import { Repeated } from "../types" */

const MOST = 5; // each way
/** @type {Record<string, [number, number]>} */
const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** @param {Repeated} repeats */
const words = ({ columns, rows }) => `${columns}×${rows}`;

/**
 * "3×2" -> {columns: 3, rows: 2}.
 * @param {string} value
 */
function repeatsOf(value) {
  const [columns, rows] = value.split("×").map(Number);
  return { columns, rows };
}

/**
 * The neighbour that an arrow key leads to, within the grid; null of another key.
 * @param {Repeated} repeats
 * @param {string} key
 */
export function neighbour({ columns, rows }, key) {
  if (!(key in WAYS)) return null;
  /** @param {number} count */
  const within = (count) => Math.min(MOST, Math.max(1, count));
  return { columns: within(columns + WAYS[key][0]), rows: within(rows + WAYS[key][1]) };
}

/** @param {EventTarget | null} target a cell, or something else in the menu, which has no value and no such type */
const inputOf = (target) => /** @type {HTMLInputElement} */ (target);

export class Repeats {
  #menu;
  #choose;
  #chosen = { columns: 0, rows: 0 }; // nothing yet
  /** @type {HTMLInputElement[]} */
  #cells;

  /**
   * @param {HTMLDetailsElement} menu templates/lens-bar.html
   * @param {string} name of its radio buttons.
   * @param {(repeats: Repeated) => void} choose
   */
  constructor(menu, name, choose) {
    this.#menu = menu;
    this.#choose = choose;
    const sides = Array.from({ length: MOST }, (_, index) => index + 1);
    const all = sides.flatMap((rows) => sides.map((columns) => words({ columns, rows })));
    this.#cells = all.map((value) => element("input", { type: "radio", name, value, "aria-label": value }));
    find("[data-cells]", menu)?.append(...this.#cells);
    listenToMenu(menu, "input");
    menu.addEventListener("toggle", () => menu.open && this.#focus());
    menu.addEventListener("change", ({ target }) => choose(repeatsOf(inputOf(target).value)));
    menu.addEventListener("keydown", (event) => this.#key(event));
    menu.addEventListener("pointerover", ({ target }) => {
      const { value } = inputOf(target);
      this.#mark(value ? repeatsOf(value) : this.#chosen);
    });
    menu.addEventListener("pointerleave", () => this.#mark(this.#chosen));
  }

  /**
   * Says what is chosen.
   * @param {Repeated} repeats
   */
  show({ columns, rows }) {
    if (columns === this.#chosen.columns && rows === this.#chosen.rows) return;
    this.#chosen = { columns, rows };
    for (const cell of this.#cells) cell.checked = cell.value === words(this.#chosen);
    write(this.#part("summary span"), words(this.#chosen));
    this.#mark(this.#chosen);
  }

  /** @param {Repeated} upTo */
  #mark(upTo) {
    for (const cell of this.#cells) {
      const { columns, rows } = repeatsOf(cell.value);
      cell.toggleAttribute("data-within", columns <= upTo.columns && rows <= upTo.rows);
    }
    write(this.#part("p"), `${upTo.columns} across, ${upTo.rows} down`);
  }

  /** @param {string} selector */
  #part(selector) {
    return /** @type {HTMLElement} */ (find(selector, this.#menu));
  }

  #focus() {
    this.#cells.find(({ checked }) => checked)?.focus();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const cell = inputOf(event.target);
    const next = cell.type === "radio" && neighbour(this.#chosen, event.key);
    if (next) this.#choose(next);
    else if (event.key === "Enter" && cell.type === "radio") cell.click();
    else return;
    event.preventDefault();
    this.#focus();
  }
}
