// The wipe: two pictures of a comparison, one over the other, with a line between them that one moves. Both are seen
// through the lens of the panels, and live.

import "../../vendor/img-comparison-slider.js";
import { $, element, icon } from "../kit/dom.js";
import { listenForZoom } from "../viewer/gestures.js";
import { Pane } from "../viewer/pane.js";

const KEYS = { ArrowLeft: -2, ArrowRight: 2, PageUp: 10, PageDown: -10, Home: -100, End: 100 }; // per cent
const SIDES = { a: "first", b: "second" }; // side -> the slot of the slider that shows it

class Side {
  #listener = () => this.#draw();
  #shot = null;

  constructor(side, lens, onchoose) {
    this.canvas = element("canvas", { role: "img", "aria-label": `Side ${side.toUpperCase()}` });
    this.layer = element("div", { class: "wipe-layer", slot: SIDES[side] }, this.canvas);
    this.pane = new Pane(this.canvas, lens);
    this.select = element("select", { id: `wipe-${side}`, onchange: () => onchoose(side, this.select.value) });
    const label = element("label", { class: "wipe-side", htmlFor: `wipe-${side}` }, side.toUpperCase());
    this.choice = element("div", { class: "wipe-choice", "data-side": side }, label, this.select);
  }

  /** @param options - [{id, label}] of what can be shown. */
  offer(options) {
    const chosen = this.select.value;
    this.select.replaceChildren(...options.map(({ id, label }) => element("option", { value: id }, label)));
    if (options.some(({ id }) => id === chosen)) this.select.value = chosen;
  }

  /** @param shot of it that is to be seen beside the other one. */
  show({ id, label }, shot) {
    this.select.value = id;
    this.canvas.setAttribute("aria-label", label);
    if (shot === this.#shot) return;
    this.#shot?.removeEventListener("change", this.#listener);
    this.#shot = shot;
    shot.addEventListener("change", this.#listener);
    this.#draw();
  }

  #draw() {
    this.pane.show(this.#shot.bitmap, this.#shot.shape);
  }
}

export class Wipe {
  #sides;
  #slider;

  /** @param choose is called with a side, "a" or "b", and the id of what it shall show. */
  constructor(lens, choose) {
    this.#sides = { a: new Side("a", lens, choose), b: new Side("b", lens, choose) };
    const { a, b } = this.#sides;
    const knob = element("span", { slot: "handle", class: "wipe-knob" }, icon("across"));
    this.#slider = element(
      "img-comparison-slider",
      { class: "wipe-slider", keyboard: "disabled" },
      a.layer,
      b.layer,
      knob,
    );
    this.#describe();
    listenForZoom(this.#slider, b.pane, lens);
    $("wipe").append(element("div", { class: "wipe-head" }, a.choice, b.choice), this.#slider);
  }

  /** What a screen reader says of it, and keys that move it by steps: its own only move it while they are held. */
  #describe() {
    const words = { role: "slider", "aria-valuemin": "0", "aria-valuemax": "100", "aria-orientation": "horizontal" };
    for (const [name, value] of Object.entries(words)) this.#slider.setAttribute(name, value);
    this.#slider.setAttribute("aria-label", "Line between A, on its left, and B, on its right");
    const tell = () => {
      const percent = Math.round(this.#slider.value);
      this.#slider.setAttribute("aria-valuenow", String(percent));
      this.#slider.setAttribute("aria-valuetext", `A on the left ${percent} %`);
    };
    this.#slider.addEventListener("slide", tell);
    this.#slider.addEventListener("keydown", (event) => this.#step(event));
    tell();
  }

  #step(event) {
    const way = KEYS[event.key];
    if (!way || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.#slider.value = Math.min(100, Math.max(0, this.#slider.value + way));
    this.#slider.dispatchEvent(new Event("slide"));
  }

  /**
   * @param pictures - [{id, label, shot}] of all panels; what looks otherwise beside another one has `shotBeside(id)`.
   * @param chosen - {a, b} are ids of two of them.
   */
  show(pictures, chosen) {
    for (const [side, face] of Object.entries(this.#sides)) {
      face.offer(pictures);
      const picture = pictures.find(({ id }) => id === chosen[side]);
      const other = chosen[side === "a" ? "b" : "a"];
      if (picture) face.show(picture, picture.shotBeside?.(other) ?? picture.shot);
    }
  }

  focus() {
    this.#slider.focus({ preventScroll: true });
  }
}
