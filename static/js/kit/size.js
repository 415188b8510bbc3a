// Width and height, kept the same while the lock is closed, with buttons for common sizes.

import { element, icon } from "./dom.js";
import { numberControl } from "./number.js";
import { extent, times } from "./words.js";

/** @import { Parameter } from "../types" */

const COMMON = ["256", "512", "1024"];

export class SizeControl {
  #width;
  #height;
  #lock;
  #quick;
  #common;
  #square = true;

  /** @param {Parameter} field @param {string} id */
  constructor(field, id) {
    const { multiple, minimum, maximum } = field; // only for counting with the arrow keys
    const kind = /** @type {const} */ ("integer");
    const side = { kind, nullable: false, multiple, minimum, maximum };
    this.#common = field.common ?? COMMON;
    this.#width = numberControl(side, id).target;
    this.#height = numberControl(side, `${id}-height`).target;
    this.#height.setAttribute("aria-describedby", `${id}-help ${id}-error`);
    this.#width.setAttribute("aria-label", "Width in pixels");
    this.#height.setAttribute("aria-label", "Height in pixels");
    this.#lock = this.#makeLock();
    this.#quick = this.#common.map((size) => this.#makeQuick(size));
    this.target = this.#width;
    this.both = [this.#width, this.#height];
    this.node = this.#arrange();
    this.#width.addEventListener("input", () => this.#follow(this.#width, this.#height));
    this.#height.addEventListener("input", () => this.#follow(this.#height, this.#width));
  }

  get() {
    const [width, height] = this.both.map((input) => input.value.trim());
    return width === height ? width : `${width}x${height}`;
  }

  /** @param {unknown} value */
  set(value) {
    const [width, height = width] = String(value).split("x");
    [this.#width.value, this.#height.value] = [width, height];
    this.#square = width === height;
    this.#show();
  }

  #makeLock() {
    const onclick = () => {
      this.#square = !this.#square;
      this.#follow(this.#width, this.#height);
      this.#changed();
    };
    const label = "Keep width and height the same";
    return element("button", { type: "button", class: "plain square", "aria-label": label, onclick });
  }

  /** @param {string} size */
  #makeQuick(size) {
    const onclick = () => {
      this.set(size);
      this.#changed();
    };
    return element("button", { type: "button", onclick }, times(extent(size)));
  }

  #arrange() {
    const cross = element("span", { "aria-hidden": "true" }, "×");
    const row = element("div", { class: "size-row" }, this.#width, cross, this.#height, this.#lock);
    const quick = element("div", { class: "quick", role: "group", "aria-label": "Common sizes" }, ...this.#quick);
    return element("div", {}, row, quick);
  }

  /** @param {HTMLInputElement} from @param {HTMLInputElement} to */
  #follow(from, to) {
    if (this.#square) to.value = from.value;
    this.#show();
  }

  #changed() {
    this.node.dispatchEvent(new Event("input", { bubbles: true }));
  }

  #show() {
    this.#lock.setAttribute("aria-pressed", String(this.#square));
    this.#lock.title = this.#square ? "Width and height are kept the same" : "Width and height are free";
    this.#lock.replaceChildren(icon(this.#square ? "link" : "unlink"));
    this.#common.forEach((size, index) => {
      this.#quick[index].setAttribute("aria-pressed", String(this.get() === size));
    });
  }
}
