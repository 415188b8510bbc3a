// The dialogue in which a mask is painted over a picture, or a pair of guides over two of them.

import { $, choiceOf, element, tell, write } from "../kit/dom.js";
import { styled } from "../kit/styles.js";
import * as api from "../state/api.js";
import { subjectOf } from "./paintable.js";
import { UNDOS } from "./regions.js";
import { Sheet } from "./sheet.js";

const LONGEST = 1024; // pixels of a mask; the method brings it to the size of the result
const ZOOM = 1.5;

/** The dialogue, with its style sheet. @param pictures, result see below. */
export async function painting(pictures, result) {
  await styled("masking");
  return new Masking(pictures, result);
}

class Masking {
  #pictures;
  #result;
  #slot = null; // the one that it was opened for
  #subject = null; // what is painted, as paintable.js has it
  #sheets = []; // empty until the pictures are there
  #strokes = []; // the sheet of each of what can be undone
  #style = 0; // what is painted with
  #turn = 0; // grows each time the dialogue opens: pictures that come later are of an earlier one
  #task = ""; // what is painted, and on what, as JSON
  #saving = false; // it is being sent

  /** @param pictures that are painted over, and those to choose from; @param result tells its {size, tile}. */
  constructor(pictures, result) {
    this.#pictures = pictures;
    this.#result = result;
    $("masking-close").addEventListener("click", () => $("masking").close());
    $("masking-choose").addEventListener("click", () => $("masking-file").click());
    $("masking-undo").addEventListener("click", () => this.#undo());
    $("masking-fill").addEventListener("click", () => this.#fill(this.#style));
    $("masking-clear").addEventListener("click", () => this.#fill(0));
    $("masking-closer").addEventListener("click", () => this.#sheet?.zoomBy(ZOOM));
    $("masking-farther").addEventListener("click", () => this.#sheet?.zoomBy(1 / ZOOM));
    $("masking-more").addEventListener("click", () => {
      $("masking").close();
      pictures.nextSource?.browse();
    });
    $("masking-brush").addEventListener("input", () => this.#showBrush());
    $("masking").addEventListener("keydown", (event) => this.#key(event));
    $("masking").addEventListener("close", () => this.#slot.focus());
    $("masking-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#save();
    });
    pictures.addEventListener("change", () => {
      if ($("masking").open && this.#task !== this.#taskNow) this.#show(); // the picture to paint over has come just now
    });
  }

  open(slot) {
    this.#slot = slot;
    $("masking").dataset.slot = slot.name; // what is dropped or pasted here is for it
    if (!this.#sheets.length || this.#task !== this.#taskNow) this.#show(); // else what was painted before it was closed stays
    $("masking").showModal();
  }

  get #subjectNow() {
    return subjectOf(this.#slot.role, this.#pictures, this.#result());
  }

  /** What tells one painting from another. */
  get #taskNow() {
    const { heading, sheets, offered } = this.#subjectNow;
    const painted = sheets.map(({ role, ground, shape, wraps }) => [
      [role, this.#pictures.get(role).picture?.id],
      [ground?.id, shape, wraps],
    ]);
    return JSON.stringify([heading, painted, offered.map(({ words }) => words)]);
  }

  /** What there is to paint on, or what to do where there is nothing yet. */
  #show() {
    this.#turn += 1;
    this.#task = this.#taskNow;
    this.#subject = this.#subjectNow;
    const { heading, use, sheets, lacking } = this.#subject;
    const isReady = sheets.every(({ ground, shape }) => ground || shape);
    this.#sheets = [];
    $("masking-sheets").replaceChildren();
    write($("masking-heading"), heading);
    write($("masking-save"), use);
    $("masking-work").hidden = $("masking-save").hidden = !isReady;
    $("masking-more").hidden = this.#slot.role === "mask" || !this.#pictures.nextSource;
    $("masking-save").disabled = true; // until there is something to be seen
    tell($("masking-error"), "");
    write($("masking-hint"), isReady ? "" : lacking);
    if (isReady) this.#begin(this.#subject, this.#turn);
  }

  async #begin(subject, turn) {
    try {
      const pictures = await Promise.all(subject.sheets.map((one) => this.#fetch(one)));
      if (turn === this.#turn) this.#lay(subject, pictures);
    } catch (problem) {
      if (turn === this.#turn) tell($("masking-error"), problem.message);
    }
  }

  /** What lies beneath, and what was painted over it. */
  #fetch({ role, ground, shape }) {
    const { picture } = this.#pictures.get(role);
    const under = ground ? api.bitmap(api.imagePath(ground.id, LONGEST)) : blank(shape);
    return Promise.all([under, picture && api.bitmap(api.imagePath(picture.id))]);
  }

  #lay({ sheets, palette }, pictures) {
    const brush = () => ({ style: this.#style, share: Number($("masking-brush").value) / 200 });
    this.#sheets = sheets.map((one, place) => new Sheet(one, pictures[place][0], pictures[place][1], palette, brush));
    this.#strokes = [];
    for (const sheet of this.#sheets) {
      sheet.addEventListener("begin", () => this.#begun(sheet));
      sheet.addEventListener("given-up", () => this.#strokes.pop());
      sheet.addEventListener("change", () => this.#judge());
      sheet.node.addEventListener("focusin", () => (this.#sheet = sheet));
      sheet.node.addEventListener("pointerdown", () => (this.#sheet = sheet));
    }
    this.#sheet = this.#sheets[0];
    $("masking-sheets").replaceChildren(...this.#sheets.map(({ node }) => node));
    this.#offer();
    this.#judge();
  }

  #begun(sheet) {
    this.#strokes = [...this.#strokes.slice(1 - UNDOS), sheet];
    $("masking-more").hidden = true; // what is painted would be lost
  }

  // --- what is painted with ---

  /** The sheet that was painted on last: what Fill and Clear fill, and what is zoomed. */
  get #sheet() {
    return this.#sheets.find(({ node }) => node.dataset.current !== undefined);
  }

  set #sheet(current) {
    for (const sheet of this.#sheets) {
      if (sheet === current) sheet.node.dataset.current = "";
      else delete sheet.node.dataset.current;
    }
  }

  #offer() {
    const { offered } = this.#subject;
    $("masking-styles").classList.toggle(
      "compact",
      offered.every(({ words }) => !words),
    );
    $("masking-styles").replaceChildren(
      $("masking-styles").firstElementChild,
      ...offered.map((one) => this.#styleButton(one)),
    );
    this.#choose(offered[1].style);
  }

  #styleButton({ style, words: name, picture }) {
    const [colour, hex] = Object.entries(this.#subject.palette)[style];
    const label = name ? null : `Part ${style + 1}, ${colour}`;
    const onchange = () => this.#choose(style);
    const radio = { type: "radio", name: "masking-style", value: String(style), "aria-label": label, onchange };
    const thumb = picture ? element("img", { src: api.imagePath(picture.id, 160), alt: "" }) : null;
    const words = element("span", {}, `${style + 1} `, name && element("b", {}, name));
    const swatch = element("i", { class: "swatch" });
    swatch.style.background = hex;
    const face = { class: "masking-style", title: name ? null : colour };
    return element("label", face, element("input", radio), swatch, thumb, words);
  }

  #choose(style) {
    const radio = choiceOf($("masking-styles"), style);
    if (!radio) return;
    radio.checked = true;
    this.#style = style;
  }

  #fill(style) {
    this.#sheet?.change((regions) => regions.fill(style));
  }

  #undo() {
    this.#strokes.pop()?.undo();
  }

  #key(event) {
    const isCommand = event.ctrlKey || event.metaKey;
    if (event.key === "z" && isCommand) this.#undo();
    else if (isCommand || event.altKey || !this.#sheets.length) return;
    else if (/^[1-8]$/.test(event.key)) this.#choose(Number(event.key) - 1);
    else if (event.key === "[" || event.key === "]") this.#grow(event.key === "]" ? 1.25 : 0.8);
    else if (event.key === "+" || event.key === "-") this.#sheet?.zoomBy(event.key === "+" ? ZOOM : 1 / ZOOM);
    else return;
    event.preventDefault();
  }

  #grow(factor) {
    const brush = $("masking-brush");
    const value = Number(brush.value);
    brush.value = String(factor > 1 ? Math.max(value + 1, Math.round(value * factor)) : Math.round(value * factor));
    this.#showBrush();
  }

  #showBrush() {
    for (const sheet of this.#sheets) sheet.showBrush();
  }

  // --- what comes of it ---

  /** What is still to be painted before it can be used. */
  #judge() {
    if (!this.#sheets.length) return;
    const { objection, hint } = this.#subject;
    const missing = objection(Object.fromEntries(this.#sheets.map(({ role, regions }) => [role, regions])));
    write($("masking-hint"), missing || hint);
    $("masking-save").disabled = Boolean(missing) || this.#saving;
  }

  async #save() {
    const [sheets, subject, turn] = [this.#sheets, this.#subject, this.#turn];
    const names = Object.fromEntries(subject.sheets.map(({ role, name }) => [role, name]));
    const send = async (sheet) => api.upload(await sheet.file(names[sheet.role]));
    this.#saving = $("masking-save").disabled = true;
    try {
      const made = await Promise.all(sheets.map(send));
      if (turn !== this.#turn || !$("masking").open) return; // it was closed meanwhile: what is painted is not wanted
      this.#sheets = [];
      $("masking").close();
      sheets.forEach(({ role }, place) => this.#pictures.get(role).set(made[place]));
      if (subject.replaces) this.#pictures.get(subject.replaces).set(null);
    } catch (problem) {
      if (turn === this.#turn) tell($("masking-error"), problem.message); // what is painted stays
    } finally {
      this.#saving = false;
      this.#judge();
    }
  }
}

/** A plain ground of that shape. */
function blank({ width, height }) {
  const scale = LONGEST / Math.max(width, height);
  const canvas = element("canvas", { width: Math.round(width * scale), height: Math.round(height * scale) });
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#808080";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  return canvas;
}
