// The stage: one picture, seen through a lens, wiped against what it was made from, or on a solid.

import { $ } from "../kit/dom.js";
import { recall, remember } from "../kit/memory.js";
import { announce } from "../kit/notices.js";
import { listenForGestures } from "../viewer/gestures.js";
import { LensBar } from "../viewer/lens-bar.js";
import { Lens } from "../viewer/lens.js";
import { Loop } from "../viewer/loop.js";
import { Pane } from "../viewer/pane.js";
import { Preview } from "../viewer/preview.js";
import { Wipe } from "../viewer/wipe.js";

/** @import { Shot } from "../viewer/shot.js" */

const WIPING = "wipe"; // what is remembered: whether it is on

export class Stage {
  #lens = new Lens();
  #pane = new Pane($("canvas"), this.#lens, $("loop"));
  #wipe = new Wipe(this.#lens, { a: "before", b: "after" });
  /** @type {Shot | null} */
  #shot = null;
  /** @type {{ label: string, open: () => Shot } | null} */
  #original = null; // what the picture was made from
  preview = new Preview();
  loop = new Loop($("loop"));
  bar = new LensBar($("stage-tools"), this.#lens, () => this.#room);

  constructor() {
    listenForGestures($("picture-room"), this.#pane, this.#lens);
    new ResizeObserver(() => this.#fitRoom()).observe($("picture-room"));
    $("stage-wipe").append(this.#wipe.slider);
    $("wipe-stage").addEventListener("click", () => this.toggleWipe());
    this.preview.addEventListener("change", () => this.#showPreview());
  }

  /** The tools are behind a button only where there is little room. */
  #fitRoom() {
    if (!$("view-open").checkVisibility()) $("stage-tools").hidePopover();
    this.bar.show();
  }

  get #room() {
    return $("picture-room").checkVisibility() && !this.preview.isOpen ? this.#pane.room : null;
  }

  /** The newest picture, as far as it is there. */
  get newest() {
    return this.#shot?.newest ?? null;
  }

  /**
   * Shows what a shot is of.
   * @param {Shot} shot
   */
  show(shot) {
    this.#shot = shot;
    shot.addEventListener("change", () => shot === this.#shot && this.#draw());
    this.#lens.fit();
    this.preview.show(shot);
    this.setOriginal(null);
  }

  /** @param {{ label: string, open: () => Shot } | null} original what the picture was made from */
  setOriginal(original) {
    this.#original = original;
    this.#showWipe();
  }

  /** An empty place of the picture's shape, until there is a picture. */
  clear() {
    this.#draw();
  }

  #draw() {
    const { bitmap, shape } = this.#shot;
    this.#lens.setShape(shape);
    this.#pane.show(bitmap, shape);
  }

  /** False where there is no picture. */
  togglePreview() {
    return $("picture-room").checkVisibility() && this.preview.toggle();
  }

  #showPreview() {
    $("picture").toggleAttribute("data-preview", this.preview.isOpen);
    $("stage-tools").toggleAttribute("data-preview", this.preview.isOpen);
    this.bar.show();
  }

  /** False where there is nothing to wipe between. */
  toggleWipe() {
    if (!this.#original || !this.bar.isShown) return false;
    remember(WIPING, !recall(WIPING, false));
    this.#showWipe();
    announce(this.#isWiping ? "The wipe is on" : "The wipe is off");
    if (this.#isWiping) this.#wipe.focus();
    return true;
  }

  get #isWiping() {
    return this.#original !== null && recall(WIPING, false);
  }

  #showWipe() {
    const on = this.#isWiping;
    $("wipe-stage").hidden = !this.#original;
    $("wipe-stage").setAttribute("aria-pressed", String(on));
    $("stage-wipe").hidden = !on;
    if (!on) return;
    this.#wipe.show("a", this.#original.label, this.#original.open());
    this.#wipe.show("b", "The result", this.#shot);
  }
}
