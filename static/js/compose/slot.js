// A place for a picture that goes into the next job: dropped, pasted, chosen or uploaded, and remembered over a reload.

import { element, find, icon, tell } from "../kit/dom.js";
import { recall, remember } from "../kit/memory.js";
import { times } from "../kit/words.js";
import * as api from "../state/api.js";
import { titleOf } from "../state/names.js";

const THUMB = 48; // pixels of the page
const STRAY = ["content", "initial", "exemplar_guide", "guide"]; // what may have been left there for another method, and can change the result
const STRAY_WORDS = "Optional: it may change the result.";
const PAINTED = ["mask", "exemplar_guide", "guide"]; // colours with a meaning, in the shape of another picture
const slots = new Map(); // name -> slot

/** The slot that an element of the page belongs to; undefined where it belongs to none. */
export const slotAt = (node) => slots.get(node?.closest?.("[data-slot]")?.dataset.slot);

function sizeOf({ id, width, height }) {
  if (width) return times({ width, height });
  return id.startsWith("sample:") ? "Sample" : "";
}

/** "change": another picture, or none. "show": it looks otherwise now. "local": a file on its way can be seen. */
export class Slot extends EventTarget {
  picture; // {id, name, width, height, note}, or null; a sample's size is known once it is drawn
  title = "";
  /** @type {{ id: string | null, name: string, bitmap: ImageBitmap } | null} */
  local = null; // the file that was brought last, as the browser reads it; its id once the server has it as it is
  words = ""; // what a picture in this role is, for a sentence
  arrival = Promise.resolve(); // of the file that is on its way, or has come, or was refused
  #needed = true; // by the method
  #ways;
  #memory;
  #turn = 0; // grows with whatever is put into it
  #arriving = null; // the name of a file on its way to the server
  #heading;
  #room = element("div", { class: "slot-room", tabIndex: -1 });
  #error;

  /**
   * @param role of its picture, which is also its name on the page unless `name` says otherwise.
   * @param ways what is called with the slot: `browse` when somebody wants to choose a picture for it, `edit` to crop it.
   */
  constructor(role, ways, name = role) {
    super();
    this.role = role;
    this.name = name;
    this.#ways = ways;
    this.#memory = `picture-${name}`;
    this.picture = recall(this.#memory, null);
    this.#heading = element("h2", { id: `slot-${name}-heading` });
    this.#error = element("p", { class: "field-error", id: `slot-${name}-error`, role: "alert", hidden: true });
    const face = { class: "slot", id: `slot-${name}`, "aria-labelledby": `slot-${name}-heading` };
    this.node = element("section", { ...face, "data-slot": name }, this.#heading, this.#room, this.#error);
    slots.set(name, this);
    this.#show();
  }

  /** What a picture in this role is called just now: "Style" for one method, "Exemplar" for another. */
  call({ title, words, needed }) {
    if (this.title === title && this.words === words && this.#needed === needed) return;
    [this.title, this.words, this.#needed] = [title, words, needed];
    this.#heading.textContent = title;
    this.#show();
  }

  /** Whether a file is on its way into it. */
  get isBusy() {
    return this.#arriving !== null;
  }

  get complains() {
    return !this.#error.hidden;
  }

  /** Whether there is something to be seen in it. */
  get used() {
    return Boolean(this.picture || this.isBusy || this.complains);
  }

  set(picture) {
    this.#turn += 1;
    this.#arriving = null;
    this.picture = picture;
    if (this.local?.id !== picture?.id) this.local = null;
    remember(this.#memory, picture);
    tell(this.#error, "");
    this.#show();
    this.dispatchEvent(new Event("change"));
  }

  /** Sends a file to the server and takes it. */
  bring(file) {
    return this.#await(file.name, (isLate) => {
      this.#look(file, isLate);
      return api.upload(file);
    });
  }

  /** Takes the result of a job, as it is now. */
  bringResult(row) {
    return this.#await(titleOf(row), () => api.resultPicture(row.id));
  }

  #await(name, made) {
    this.arrival = this.#take(name, made);
    return this.arrival;
  }

  /** What comes later takes its place: a file that was on its way before counts no longer. */
  async #take(name, made) {
    const turn = this.#begin(name || "pasted picture");
    const isLate = () => turn !== this.#turn;
    try {
      const picture = await made(isLate);
      if (isLate()) return;
      if (this.local && !picture.note) this.local.id = picture.id; // the server has changed it where it notes something
      this.set(picture);
    } catch (problem) {
      if (isLate()) return;
      this.#begin(null);
      this.complain(`${name || "The picture"}: ${problem.message}`);
      this.dispatchEvent(new Event("local"));
    }
  }

  /** @param {string | null} arriving the name of a file that is on its way now */
  #begin(arriving) {
    this.#turn += 1;
    this.#arriving = arriving;
    this.local = null;
    tell(this.#error, "");
    this.#show();
    return this.#turn;
  }

  /** Shows a file while it is on its way, where the browser can read it. */
  async #look(file, isLate) {
    const bitmap = await createImageBitmap(file).catch(() => null);
    if (!bitmap) return;
    if (isLate()) return bitmap.close();
    this.local = { id: null, name: this.#arriving, bitmap };
    this.dispatchEvent(new Event("local"));
  }

  complain(text) {
    tell(this.#error, text);
    this.#show();
  }

  browse() {
    this.#ways.browse(this);
  }

  focus() {
    if (this.node.hidden) return;
    this.node.scrollIntoView({ block: "nearest" });
    this.#catchFocus();
  }

  /** Where the focus belongs when the dialogue for that is closed. */
  focusEdit() {
    this.#catchFocus(".slot-edit");
  }

  /** The room itself has it while a picture is on its way, and there is nothing to press. */
  #catchFocus(what = "button") {
    (find(what, this.#room) ?? this.#room).focus({ preventScroll: true });
  }

  knowSize(id, { width, height }) {
    if (this.picture?.id !== id || this.picture.width) return;
    this.picture = { ...this.picture, width, height };
    remember(this.#memory, this.picture);
    this.#show();
  }

  #show() {
    const had = this.#room.contains(document.activeElement);
    this.#room.setAttribute("aria-busy", String(this.isBusy));
    this.#room.replaceChildren(this.#face());
    if (had) this.#catchFocus();
    this.dispatchEvent(new Event("show"));
  }

  #face() {
    if (this.isBusy) return element("p", { class: "slot-busy hint", role: "status" }, `Reading ${this.#arriving}…`);
    if (this.picture) return this.#card();
    const face = { type: "button", class: "slot-empty", onclick: () => this.browse() };
    return element("button", face, icon("picture"), "Choose a picture or a sample");
  }

  #card() {
    const { id, name, note } = this.picture;
    const picture = element("img", { src: api.imagePath(id, 160), alt: "", width: THUMB, height: THUMB });
    picture.addEventListener("error", () => this.set(null), { once: true }); // gone from the server since last time
    const size = element("span", { class: "hint" }, sizeOf(this.picture));
    const about = element("div", {}, element("strong", { title: name }, name), size);
    const card = element("div", { class: "chosen" }, picture, about, ...this.#buttons());
    const stray = !this.#needed && STRAY.includes(this.role) ? STRAY_WORDS : null;
    const words = [note && `${note[0].toUpperCase()}${note.slice(1)}.`, stray].filter(Boolean);
    const lines = words.map((text) => element("p", { class: "field-help" }, text));
    return lines.length ? element("div", {}, card, ...lines) : card;
  }

  #buttons() {
    const what = this.title.toLowerCase();
    const change = { class: "plain", "aria-label": `Change the ${what}`, onclick: () => this.browse() };
    const about = { "aria-label": `Edit the ${what}`, title: "Crop, turn or straighten it" };
    const edit = { class: "quiet square slot-edit", ...about, onclick: () => this.#ways.edit(this) };
    const words = `Remove the ${what}`;
    const remove = { class: "quiet square", "aria-label": words, title: words, onclick: () => this.set(null) };
    const button = (face, content) => element("button", { type: "button", ...face }, content);
    const editing = PAINTED.includes(this.role) ? [] : [button(edit, icon("crop"))];
    return [button(change, "Change"), ...editing, button(remove, icon("close"))];
  }
}
