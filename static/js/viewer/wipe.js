// The wipe: two pictures, one over the other, with a line between them that one moves. Both are seen through one lens,
// and live. The element that does it is fetched when there is something to wipe for the first time.

import { element, icon } from "../kit/dom.js";
import { once } from "../kit/lazy.js";
import { listenForZoom } from "./gestures.js";
import { Pane } from "./pane.js";

/**
 * @import { Lens } from "./lens.js"
 * @import { Shot } from "./shot.js"
 */

/** @type {Record<string, number>} per cent */
const KEYS = { ArrowLeft: -2, ArrowRight: 2, PageUp: 10, PageDown: -10, Home: -100, End: 100 };

class Side {
  #listener = () => this.#draw();
  /** @type {Shot | null} */
  #shot = null;

  /**
   * @param {string} slot of the slider that shows it.
   * @param {string} name
   * @param {Lens} lens
   */
  constructor(slot, name, lens) {
    this.canvas = element("canvas", { role: "img", "aria-label": name });
    this.layer = element("div", { class: "wipe-layer", slot }, this.canvas);
    this.pane = new Pane(this.canvas, lens);
  }

  /** @param {string} label @param {Shot} shot */
  show(label, shot) {
    this.canvas.setAttribute("aria-label", label);
    if (shot === this.#shot) return;
    this.#shot?.removeEventListener("change", this.#listener);
    this.#shot = shot;
    shot.addEventListener("change", this.#listener);
    this.#draw();
  }

  #draw() {
    if (this.#shot) this.pane.show(this.#shot.bitmap, this.#shot.shape);
  }
}

export class Wipe {
  #sides;
  #names;
  #tell = () => {};
  #fetch = once(() => import("../../vendor/img-comparison-slider.js"));

  /**
   * @param {Lens} lens
   * @param {{ a: string, b: string }} names of the two sides
   * @param {boolean} scrolls whether the wheel scrolls the page until the wipe is pressed.
   */
  constructor(lens, names, scrolls = false) {
    this.#names = names;
    this.#sides = { a: new Side("first", names.a, lens), b: new Side("second", names.b, lens) };
    const { a, b } = this.#sides;
    const knob = element("span", { slot: "handle", class: "wipe-knob" }, icon("across"));
    const face = { class: "wipe-slider", keyboard: "disabled" };
    this.slider = element("img-comparison-slider", face, a.layer, b.layer, knob);
    this.#describe();
    listenForZoom(this.slider, b.pane, lens, scrolls);
  }

  /** What a screen reader says of it, and keys that move it by steps: its own only move it while they are held. */
  #describe() {
    const { a, b } = this.#names;
    const words = { role: "slider", "aria-valuemin": "0", "aria-valuemax": "100", "aria-orientation": "horizontal" };
    for (const [name, value] of Object.entries(words)) this.slider.setAttribute(name, value);
    this.slider.setAttribute("aria-label", `Line between ${a}, on its left, and ${b}, on its right`);
    this.#tell = () => {
      const percent = Math.round(this.slider.value);
      this.slider.setAttribute("aria-valuenow", String(percent));
      this.slider.setAttribute("aria-valuetext", `${a} on the left ${percent} %`);
    };
    this.slider.addEventListener("slide", this.#tell);
    this.slider.addEventListener("keydown", (event) => this.#step(event));
  }

  /** @param {KeyboardEvent} event */
  #step(event) {
    const way = KEYS[event.key];
    if (!way || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.slider.value = Math.min(100, Math.max(0, this.slider.value + way));
    this.slider.dispatchEvent(new Event("slide"));
  }

  /** @param {"a" | "b"} side @param {string} label @param {Shot} shot */
  show(side, label, shot) {
    this.#sides[side].show(label, shot);
    this.#fetch().then(this.#tell);
  }

  get room() {
    return this.#sides.b.pane.room;
  }

  /** Not before the element is there, which would let go of the focus. */
  async focus() {
    await this.#fetch();
    this.slider.focus({ preventScroll: true });
  }
}
