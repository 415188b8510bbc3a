// The 3D preview: the picture on a plane, a sphere, a cube or a cloth that one turns under a light that one moves.
// What draws it is large, and fetched when the preview is opened for the first time.

import { $, choiceOf, tell, valueOf } from "../kit/dom.js";
import { recall, remember } from "../kit/memory.js";

/**
 * @import { Shot } from "./shot.js"
 * @import { Solid, Surface, FormName } from "./solid.js"
 * @typedef {{ form: FormName, times: number }} Chosen
 */

const MEMORY = "preview";
/** @type {Chosen} */
const USUAL = { form: "sphere", times: 2 };
const STEP = 12; // pixels of a pointer that an arrow key is worth
/** @type {Record<string, [number, number]>} */
const KEYS = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };
const CLOSER = 1.1;
const UNABLE = "The preview needs WebGL, which this browser does not have, or has switched off.";
const MISSING = "What draws the preview could not be fetched. Is the server running? Close the preview and try again.";

/** @param {Event} event */
const formOf = ({ target }) => /** @type {FormName} */ (/** @type {HTMLInputElement} */ (target).value);

/** "change": it is open now, or closed. */
export class Preview extends EventTarget {
  isOpen = false;
  /** @type {Solid | null} */
  #solid = null;
  /** @type {Shot | null} */
  #shot = null;
  /** @type {(() => Promise<Surface | null>) | null} */
  #surface = null;
  #byItself = false; // it was opened for a material, and nobody has asked for it
  #listener = () => this.#draw();
  #chosen = recall(MEMORY, USUAL);

  constructor() {
    super();
    $("preview-open").addEventListener("click", () => this.toggle());
    $("preview-form").addEventListener("change", (event) => this.#choose({ form: formOf(event) }));
    $("preview-times").addEventListener("input", (event) => this.#choose({ times: valueOf(event) }));
    $("preview-light").addEventListener("click", () => this.#moveLight(!this.#movesLight));
    $("preview").addEventListener("pointerdown", (event) => this.#press(event));
    $("preview").addEventListener("pointermove", (event) => this.#move(event));
    $("preview").addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    $("preview").addEventListener("keydown", (event) => this.#key(event));
    this.#showChosen();
  }

  /** @param {Shot | null} shot of what is laid on it. */
  show(shot) {
    this.#shot?.removeEventListener("change", this.#listener);
    this.#shot = shot;
    shot?.addEventListener("change", this.#listener);
    if (shot) this.#draw();
    else if (this.isOpen) this.toggle();
  }

  /**
   * Shows the picture as what it is besides its colours; closes again what was opened by itself before.
   * @param {(() => Promise<Surface | null>) | null} surface fetches that
   * @param {boolean} byItself it opens for that
   */
  wear(surface, byItself) {
    this.#surface = surface;
    const opens = byItself && !this.isOpen;
    if (opens || (!byItself && this.#byItself)) this.toggle(opens);
    else this.#wearNow();
  }

  async #wearNow() {
    const wanted = this.#surface;
    this.#solid?.wear(null); // until its maps are there
    const surface = (await wanted?.()) ?? null;
    if (wanted !== this.#surface) return;
    this.#solid?.wear(surface);
    this.#draw();
  }

  #draw() {
    const bitmap = this.#shot?.bitmap;
    if (!bitmap) this.#solid?.clear();
    else if (bitmap.width) this.#solid?.show(bitmap);
  }

  toggle(byItself = false) {
    this.isOpen = !this.isOpen;
    this.#byItself = byItself;
    $("preview").hidden = $("preview-tools").hidden = !this.isOpen;
    $("preview-open").setAttribute("aria-pressed", String(this.isOpen));
    tell($("preview-note"), "");
    if (this.isOpen) this.#begin();
    else this.#end();
    this.dispatchEvent(new Event("change"));
  }

  async #begin() {
    const module = await import("./solid.js").catch(() => null);
    if (!this.isOpen || this.#solid) return; // closed meanwhile, or opened again
    if (!module) return this.#byItself ? this.toggle() : tell($("preview-note"), MISSING);
    try {
      this.#solid = new module.Solid($("preview"));
    } catch {
      return this.#byItself ? this.toggle() : tell($("preview-note"), UNABLE);
    }
    this.#showChosen();
    this.#draw();
    this.#wearNow();
    if (!this.#byItself) $("preview").focus({ preventScroll: true });
  }

  #end() {
    this.#solid?.dispose();
    this.#solid = null;
  }

  /** @param {Partial<Chosen>} part */
  #choose(part) {
    this.#chosen = { ...this.#chosen, ...part };
    remember(MEMORY, this.#chosen);
    this.#showChosen();
  }

  #showChosen() {
    const { form, times } = this.#chosen;
    const choice = choiceOf($("preview-form"), form);
    if (choice) choice.checked = true;
    $("preview-times").value = String(times);
    $("preview-times").setAttribute("aria-valuetext", `${times} by ${times}`);
    this.#solid?.set(form, times);
  }

  // --- moving it ---

  get #movesLight() {
    return $("preview-light").getAttribute("aria-pressed") === "true";
  }

  /** @param {boolean} moves */
  #moveLight(moves) {
    $("preview-light").setAttribute("aria-pressed", String(moves));
  }

  /** @param {PointerEvent} event */
  #press(event) {
    if (event.button === 0) $("preview").setPointerCapture(event.pointerId);
  }

  /** @param {PointerEvent} event */
  #move(event) {
    if (!$("preview").hasPointerCapture(event.pointerId)) return;
    this.#solid?.turn(event.movementX, event.movementY, this.#movesLight !== event.shiftKey);
  }

  /** @param {WheelEvent} event */
  #wheel(event) {
    event.preventDefault();
    this.#solid?.zoomBy(CLOSER ** -Math.sign(event.deltaY));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const [dx, dy] = KEYS[event.key] ?? [0, 0];
    if (dx || dy) this.#solid?.turn(dx, dy, this.#movesLight !== event.shiftKey);
    else if ("+=-".includes(event.key)) this.#solid?.zoomBy(event.key === "-" ? 1 / CLOSER : CLOSER);
    else return;
    event.preventDefault();
  }
}
