// The dialogue in which a picture is cropped, turned and straightened. What comes of it is a picture of its own, made by the
// server at full resolution; the one before stays, and is where the dialogue begins again.

import { $, around, element, tell, write } from "../kit/dom.js";
import { recall, remember } from "../kit/memory.js";
import { same } from "../kit/schema.js";
import { sentence, times } from "../kit/words.js";
import * as api from "../state/api.js";
import { facts } from "../state/catalogue.js";
import { cropOf, frameOf, moved, pixelsOf, resized, squared, straightened, turned, whole } from "./cropping.js";

const LONGEST = 1024; // pixels of the picture as it is seen here
const MARGIN = 22; // pixels of the page around it: half of a handle lies outside
const LINGERS = 900; // ms for which the grid stays when nothing turns any more
const MOST_KNOWN = 50; // edits that are remembered
const STEP = 0.01; // of the longer side: what an arrow key counts for
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const HANDLES = {
  "-1 -1": "Upper left corner",
  "0 -1": "Upper side",
  "1 -1": "Upper right corner",
  "1 0": "Right side",
  "1 1": "Lower right corner",
  "0 1": "Lower side",
  "-1 1": "Lower left corner",
  "-1 0": "Left side",
};

/** What led to a picture that was made here: {original, edit}; undefined of any other. */
const known = (id) => recall("edits", {})[id];

function keep(id, original, edit) {
  const all = Object.entries({ ...recall("edits", {}), [id]: { original, edit } });
  remember("edits", Object.fromEntries(all.slice(-MOST_KNOWN)));
}

export class Editing {
  #slot = null;
  #original = null; // the picture that is edited, {id, name, width, height}
  #quarters = 0; // clockwise
  #angle = 0; // degrees, clockwise
  #crop = null; // as cropping.js has it; null until the picture is there
  #held = null; // {crop, angle} as they were last set by hand: what straightening starts from
  #first = null; // the edit with which the dialogue began
  #drag = null; // {pointer, way, crop, x, y} while a handle is held, or the whole
  #scale = 1; // pixels of the page for one of the picture
  #turn = 0; // grows each time the dialogue opens or closes: what comes later is of an earlier time
  #grid = null; // the clock by which it goes
  #isBusy = false; // the server is at what was chosen last, and nothing else can be chosen

  constructor() {
    const handle = ([way, label]) => element("button", { type: "button", "data-way": way, "aria-label": label });
    $("editing-crop").append(...Object.entries(HANDLES).map(handle));
    $("editing-crop").addEventListener("keydown", (event) => this.#key(event));
    this.#listenForDrags($("editing-crop"));
    $("editing-left").addEventListener("click", () => this.#turnBy(-1));
    $("editing-right").addEventListener("click", () => this.#turnBy(1));
    $("editing-angle").addEventListener("input", () => this.#straighten(Number($("editing-angle").value)));
    $("editing-less").addEventListener("click", () => this.#nudge(-1));
    $("editing-more").addEventListener("click", () => this.#nudge(1));
    $("editing-shape").addEventListener("change", () => this.#isSquare && this.#set(squared(this.#crop)));
    $("editing-reset").addEventListener("click", () => this.#reset());
    $("editing-close").addEventListener("click", () => $("editing").close());
    $("editing").addEventListener("close", () => {
      this.#turn += 1;
      this.#slot.focusEdit();
    });
    $("editing-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#use(this.#turn);
    });
    new ResizeObserver(() => this.#draw()).observe($("editing-room"));
  }

  open(slot) {
    if (!facts.limits || !slot.picture) return; // nothing is known yet, or there is nothing any more
    this.#slot = slot;
    this.#turn += 1;
    this.#crop = null;
    $("editing").dataset.slot = slot.name; // what is dropped or pasted here is for it
    write($("editing-heading"), `Edit the ${slot.title.toLowerCase()}`);
    const { lowest, highest } = facts.limits.picture_angle;
    [$("editing-angle").min, $("editing-angle").max] = [String(lowest), String(highest)];
    this.#listen(false);
    $("editing").showModal();
    this.#load(slot.picture, this.#turn);
  }

  /** The original, with the edit that has led to the picture; the picture itself where there was none, or it is gone. */
  async #load(picture, turn) {
    const before = known(picture.id);
    try {
      const isBegun = before && (await this.#begin(before.original, before.edit, turn).catch(isGone));
      if (!isBegun) await this.#begin(picture, null, turn);
    } catch (problem) {
      if (turn !== this.#turn) return;
      $("editing").close();
      this.#slot.complain(sentence(problem.message));
    }
  }

  /** Whether that is what is edited now, or nothing is any more. */
  async #begin(picture, edit, turn) {
    const bitmap = await api.bitmap(api.imagePath(picture.id, picture.width && LONGEST));
    if (turn !== this.#turn) return true;
    const { width, height } = picture.width ? picture : bitmap; // of a sample nobody may know it yet
    this.#original = { ...picture, width, height };
    const canvas = $("editing-picture");
    [canvas.width, canvas.height] = [bitmap.width, bitmap.height];
    canvas.getContext("2d").drawImage(bitmap, 0, 0);
    this.#reset();
    if (edit) this.#take(edit);
    this.#first = this.#edit;
    this.#listen(true);
    return true;
  }

  #listen(on) {
    tell($("editing-error"), "");
    this.#setBusy(false);
    $("editing-work").toggleAttribute("inert", !on);
    $("editing-picture").hidden = $("editing-crop").hidden = $("editing-reset").disabled = !on;
    this.#allow();
    if (!on) write($("editing-size"), "Loading…");
  }

  // --- what is done to the picture ---

  /** The picture as cropping.js has it. */
  get #picture() {
    const { width, height } = this.#original;
    return { ...(this.#quarters % 2 ? { width: height, height: width } : { width, height }), angle: this.#angle };
  }

  get #isSquare() {
    return $("editing-square").checked;
  }

  /** As the API takes it. */
  get #edit() {
    const crop = pixelsOf(this.#crop, this.#picture, this.#isSquare);
    return { quarter_turns: this.#quarters, angle: this.#angle, crop };
  }

  #take({ quarter_turns: quarters, angle, crop }) {
    [this.#quarters, this.#angle] = [quarters, angle];
    this.#set(cropOf(crop, this.#picture));
  }

  #reset() {
    [this.#quarters, this.#angle] = [0, 0];
    $("editing-free").checked = true;
    this.#set(whole(this.#picture));
  }

  /** A crop that was chosen by hand. */
  #set(crop) {
    this.#crop = crop;
    this.#held = { crop, angle: this.#angle };
    this.#show();
  }

  /** @param {1 | -1} way clockwise, or the other way round */
  #turnBy(way) {
    this.#quarters = (this.#quarters + way + 4) % 4;
    const { crop, angle } = this.#held;
    this.#held = { crop: turned(crop, way > 0), angle };
    this.#crop = turned(this.#crop, way > 0);
    this.#show();
  }

  /** From what was set by hand, so that turning back and forth takes nothing away. */
  #straighten(angle) {
    const { crop, angle: before } = this.#held;
    this.#angle = angle;
    this.#crop = straightened(crop, { ...this.#picture, angle: before }, angle);
    this.#showGrid();
    this.#show();
  }

  #nudge(way) {
    const slider = $("editing-angle");
    slider.stepUp(way);
    this.#straighten(Number(slider.value));
  }

  // --- by hand ---

  #listenForDrags(crop) {
    crop.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || this.#drag) return;
      const way = around(event, "[data-way]")?.dataset.way;
      crop.setPointerCapture(event.pointerId);
      this.#drag = { pointer: event.pointerId, way, crop: this.#crop, x: event.clientX, y: event.clientY };
    });
    crop.addEventListener("pointermove", ({ pointerId, clientX, clientY }) => {
      if (pointerId !== this.#drag?.pointer) return;
      const { way, crop: from, x, y } = this.#drag;
      this.#pull(from, way, { x: (clientX - x) / this.#scale, y: (clientY - y) / this.#scale });
    });
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"])
      crop.addEventListener(end, ({ pointerId }) => {
        if (pointerId === this.#drag?.pointer) this.#drag = null;
      });
  }

  #key(event) {
    if (!(event.key in ARROWS) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const { width, height } = this.#original;
    const step = event.shiftKey ? 1 : Math.max(1, STEP * Math.max(width, height));
    const [x, y] = ARROWS[event.key];
    this.#pull(this.#crop, event.target.dataset.way, { x: x * step, y: y * step });
  }

  /** Moves a handle, or all of the crop where there is none. */
  #pull(crop, way, by) {
    if (!way) return this.#set(moved(crop, by, this.#picture));
    const [x, y] = way.split(" ").map(Number);
    const rule = { square: this.#isSquare, least: facts.limits.picture_side };
    return this.#set(resized(crop, { x, y }, by, this.#picture, rule));
  }

  // --- what is seen ---

  #show() {
    this.#draw();
    this.#tell();
  }

  #draw() {
    if (!this.#crop) return;
    const picture = this.#picture;
    const frame = frameOf(picture, picture.angle);
    const room = $("editing-room");
    const [wide, high] = [room.clientWidth - 2 * MARGIN, room.clientHeight - 2 * MARGIN];
    this.#scale = Math.max(0, Math.min(wide / frame.width, high / frame.height));
    const { style } = $("editing-picture");
    style.width = `${this.#original.width * this.#scale}px`;
    style.height = `${this.#original.height * this.#scale}px`;
    style.transform = `translate(-50%, -50%) rotate(${90 * this.#quarters + this.#angle}deg)`;
    this.#drawCrop();
  }

  #drawCrop() {
    const { left, top, right, bottom } = this.#crop;
    const { style } = $("editing-crop");
    style.left = `calc(50% + ${left * this.#scale}px)`;
    style.top = `calc(50% + ${top * this.#scale}px)`;
    style.width = `${(right - left) * this.#scale}px`;
    style.height = `${(bottom - top) * this.#scale}px`;
  }

  #tell() {
    const { crop } = this.#edit;
    const words = `${this.#angle.toFixed(1)}°`.replace("-", "−");
    $("editing-angle").value = String(this.#angle);
    $("editing-angle").setAttribute("aria-valuetext", words);
    write($("editing-degrees"), words);
    write($("editing-size"), `${times(crop)} pixels`);
    tell($("editing-error"), objectionTo(crop));
    this.#allow();
  }

  /** Use can be pressed where there is something that can be used. */
  #allow() {
    $("editing-use").disabled = !this.#crop || Boolean(objectionTo(this.#edit.crop));
  }

  #setBusy(on) {
    this.#isBusy = on;
    $("editing-use").setAttribute("aria-busy", String(on));
    $("editing-work").toggleAttribute("inert", on);
    $("editing-reset").disabled = on;
  }

  #showGrid() {
    clearTimeout(this.#grid);
    $("editing-crop").toggleAttribute("data-grid", true);
    this.#grid = setTimeout(() => $("editing-crop").removeAttribute("data-grid"), LINGERS);
  }

  // --- what comes of it ---

  async #use(turn) {
    if ($("editing-use").disabled || this.#isBusy) return;
    this.#setBusy(true);
    try {
      const picture = await this.#made(this.#edit);
      if (turn !== this.#turn) return;
      if (picture) this.#slot.set(picture);
      $("editing").close();
    } catch (problem) {
      if (turn === this.#turn) tell($("editing-error"), problem.message); // what was chosen stays
    } finally {
      if (turn === this.#turn) this.#setBusy(false);
    }
  }

  /** The picture that an edit leads to; null where that is the one that there is. */
  async #made(edit) {
    if (same(edit, this.#first)) return null;
    const original = this.#original;
    if (isNothing(edit, original)) return original;
    const picture = await api.edit(original.id, edit);
    keep(picture.id, original, edit);
    return picture;
  }
}

/** Of an original that is gone, false; any other trouble is told. */
function isGone(problem) {
  if (problem.status !== 404) throw problem;
  return false;
}

/** Whether an edit leaves a picture as it is. */
function isNothing({ quarter_turns: quarters, angle, crop }, { width, height }) {
  return quarters === 0 && angle === 0 && crop.width === width && crop.height === height;
}

/** Why a picture of that shape could not be used; "" where it could. */
function objectionTo({ width, height }) {
  const { picture_side: least, picture_aspect: aspect } = facts.limits;
  if (Math.min(width, height) < least) return `At least ${least} pixels on each side are needed.`;
  const isStrip = Math.max(width, height) > aspect * Math.min(width, height);
  return isStrip ? `One side may be at most ${aspect} times as long as the other.` : "";
}
