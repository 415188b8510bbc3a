// Which two panels the wipe shows, and whether it is shown at all.

import { $, element } from "../kit/dom.js";
import { Wipe } from "../viewer/wipe.js";
import { isGiven } from "./given-panel.js";
import { WHEEL } from "./run-panel.js";

const OTHER = { a: "b", b: "a" };

/** The choice of what is seen on a side, "a" or "b". */
class Choice {
  constructor(side, onchoose) {
    this.select = element("select", { id: `wipe-${side}`, onchange: () => onchoose(side, this.select.value) });
    const label = element("label", { class: "wipe-side", htmlFor: `wipe-${side}` }, side.toUpperCase());
    this.node = element("div", { class: "wipe-choice", "data-side": side }, label, this.select);
  }

  /** @param options - [{id, label}] of what can be shown; `chosen` is the id of one. */
  offer(options, chosen) {
    this.select.replaceChildren(...options.map(({ id, label }) => element("option", { value: id }, label)));
    this.select.value = chosen;
  }
}

export class Wiping {
  #wipe;
  #choices;
  #panels;
  #on = false;
  #sides = { a: null, b: null }; // ids of the two that are shown

  /** @param panels gives all panels that there are: [{id, label, shot, mark(side)}]; some have `shotBeside(id)`. */
  constructor(lens, panels) {
    this.#panels = panels;
    this.#wipe = new Wipe(lens, { a: "A", b: "B" }, true);
    const choose = (side, id) => this.choose(side, id);
    this.#choices = { a: new Choice("a", choose), b: new Choice("b", choose) };
    const heads = Object.values(this.#choices).map(({ node }) => node);
    $("wipe").append(element("div", { class: "wipe-head" }, ...heads), this.#wipe.slider);
    this.#wipe.slider.title = WHEEL;
    $("show-wipe").addEventListener("click", () => this.toggle());
  }

  /** Where it shows its pictures; null while it is not shown. */
  get room() {
    return this.#on ? this.#wipe.room : null;
  }

  /** False where there are no two pictures to choose from. */
  toggle() {
    if (this.#panels().length < 2) return false;
    this.#on = !this.#on;
    this.show();
    if (this.#on) this.#wipe.focus();
    return true;
  }

  /** Shows a panel on that side, "a" or "b"; one that was on the other side changes places. */
  choose(side, id) {
    if (this.#sides[OTHER[side]] === id) this.#sides[OTHER[side]] = this.#sides[side];
    this.#sides[side] = id;
    this.#on = true;
    this.show();
  }

  clear() {
    this.#on = false;
    this.#sides = { a: null, b: null };
    this.show();
  }

  /** After any change of the panels, too. */
  show() {
    const panels = this.#panels();
    if (this.#on) this.#fill(panels.map(({ id }) => id));
    this.#on &&= Boolean(this.#sides.a && this.#sides.b);
    $("wipe").hidden = !this.#on;
    $("comparison-room").toggleAttribute("data-wiping", this.#on);
    $("show-wipe").setAttribute("aria-pressed", String(this.#on));
    for (const panel of panels) panel.mark(this.#on ? this.#sideOf(panel.id) : null);
    if (this.#on) for (const side of Object.keys(OTHER)) this.#showSide(side, panels);
  }

  #showSide(side, panels) {
    this.#choices[side].offer(panels, this.#sides[side]);
    const panel = panels.find(({ id }) => id === this.#sides[side]);
    const shot = panel.shotBeside?.(this.#sides[OTHER[side]]) ?? panel.shot;
    this.#wipe.show(side, panel.label, shot);
  }

  #sideOf(id) {
    return Object.keys(OTHER).find((side) => this.#sides[side] === id) ?? null;
  }

  /** An empty side gets a run, or where there is no other a picture that the runs were given. */
  #fill(ids) {
    const order = [...ids.filter((id) => !isGiven(id)), ...ids.filter(isGiven)];
    const sides = Object.keys(OTHER);
    for (const side of sides) if (!ids.includes(this.#sides[side])) this.#sides[side] = null;
    for (const side of sides) this.#sides[side] ??= order.find((id) => !this.#sideOf(id)) ?? null;
  }
}
