// The dialogue in which a mask or a guide is painted over a picture.

import { $, choiceOf, element, tell, write } from "../kit/dom.js";
import * as api from "../state/api.js";
import { subjectOf } from "./paintable.js";
import { Regions } from "./regions.js";

const LONGEST = 1024; // pixels of a mask; the method brings it to the size of the result
const VEIL = 120; // of 255: how much of the mask's colour lies over what is beneath
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const between = (value, least, most) => Math.min(most, Math.max(least, value));

export class Masking {
  #pictures;
  #sizeOf;
  #slot = null;
  #subject = null; // what is painted, as painted.js has it
  #regions = null;
  #style = 0; // what is painted with
  #at = { x: 0, y: 0 }; // where the brush is, in pixels of the mask
  #painting = false;
  #turn = 0; // grows each time the dialogue opens: pictures that come later are of an earlier one
  #wanted = false;
  #task = ""; // what is painted, and on what, as JSON

  /** @param pictures that are painted over, and those to choose from; @param sizeOf tells the size of the result. */
  constructor(pictures, sizeOf) {
    this.#pictures = pictures;
    this.#sizeOf = sizeOf;
    $("masking-close").addEventListener("click", () => $("masking").close());
    $("masking-choose").addEventListener("click", () => $("masking-file").click());
    $("masking-undo").addEventListener("click", () => this.#change(() => this.#regions.undo()));
    $("masking-fill").addEventListener("click", () => this.#change(() => this.#fill(this.#style)));
    $("masking-clear").addEventListener("click", () => this.#change(() => this.#fill(0)));
    $("masking-brush").addEventListener("input", () => this.#showBrush());
    $("masking").addEventListener("keydown", (event) => this.#key(event));
    $("masking").addEventListener("close", () => this.#slot.focus());
    $("masking-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#save();
    });
    this.#listen($("masking-sheet"));
    pictures.addEventListener("change", () => {
      if ($("masking").open && !this.#regions) this.#show(); // the picture to paint over may have come just now
    });
    new ResizeObserver(() => this.#showBrush()).observe($("masking-sheet"));
  }

  open(slot) {
    this.#slot = slot;
    $("masking").dataset.slot = slot.name; // what is dropped or pasted here is for it
    if (!this.#regions || this.#task !== this.#taskNow) this.#show(); // else what was painted before it was closed stays
    $("masking").showModal();
  }

  /** What tells one painting from another. */
  get #taskNow() {
    const { ground, shape, offered } = subjectOf(this.#slot.role, this.#pictures, this.#sizeOf());
    return JSON.stringify([
      this.#slot.name,
      this.#slot.picture?.id,
      ground?.id,
      shape,
      offered.map(({ words }) => words),
    ]);
  }

  /** What there is to paint on, or what to do where there is nothing yet. */
  #show() {
    this.#turn += 1;
    this.#task = this.#taskNow;
    this.#subject = subjectOf(this.#slot.role, this.#pictures, this.#sizeOf());
    const { heading, use, ground, shape, lacking } = this.#subject;
    this.#regions = null;
    write($("masking-heading"), heading);
    write($("masking-save"), use);
    $("masking-work").hidden = $("masking-save").hidden = !(ground || shape);
    $("masking-save").disabled = true; // until there is something to be seen
    tell($("masking-error"), "");
    write($("masking-hint"), ground || shape ? "" : lacking);
    if (ground || shape) this.#begin(this.#subject, this.#turn);
  }

  async #begin({ ground, shape }, turn) {
    try {
      const under = ground ? await api.bitmap(api.imagePath(ground.id, LONGEST)) : blank(shape);
      const before = this.#slot.picture && (await api.bitmap(api.imagePath(this.#slot.picture.id)));
      if (turn === this.#turn) this.#lay(under, before);
    } catch (problem) {
      if (turn === this.#turn) tell($("masking-error"), problem.message);
    }
  }

  /** What lies beneath, and over it the mask as it was, or all of it the first one. */
  #lay(under, before) {
    const [{ width, height }, sheet, mask] = [under, $("masking-ground"), $("masking-mask")];
    for (const canvas of [sheet, mask]) [canvas.width, canvas.height] = [width, height];
    $("masking-sheet").style.setProperty("--shape", `${width} / ${height}`);
    $("masking-sheet").style.setProperty("--ratio", String(width / height));
    sheet.getContext("2d").drawImage(under, 0, 0);
    this.#regions = new Regions(width, height);
    if (before) this.#regions.read(scaled(before, width, height));
    this.#at = { x: width / 2, y: height / 2 };
    this.#offer();
    this.#draw();
    this.#showBrush();
  }

  // --- what is painted with ---

  #offer() {
    const { offered } = this.#subject;
    $("masking-styles").replaceChildren(
      $("masking-styles").firstElementChild,
      ...offered.map((one) => this.#styleButton(one)),
    );
    this.#choose(offered[1].style);
  }

  #styleButton({ style, words: name, picture }) {
    const radio = { type: "radio", name: "masking-style", value: String(style), onchange: () => this.#choose(style) };
    const thumb = picture ? element("img", { src: api.imagePath(picture.id, 160), alt: "" }) : null;
    const words = element("span", {}, `${style + 1} `, element("b", {}, name));
    const swatch = element("i", { class: "swatch", "data-style": String(style) });
    return element("label", { class: "masking-style" }, element("input", radio), swatch, thumb, words);
  }

  #choose(style) {
    const radio = choiceOf($("masking-styles"), style);
    if (!radio) return;
    radio.checked = true;
    this.#style = style;
    $("masking-ring").dataset.style = String(style);
  }

  get #radius() {
    const longest = Math.max(this.#regions.width, this.#regions.height);
    return (longest * Number($("masking-brush").value)) / 400;
  }

  // --- painting ---

  #listen(sheet) {
    sheet.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || !this.#regions) return;
      sheet.setPointerCapture(event.pointerId);
      this.#painting = true;
      this.#regions.mark();
      this.#at = this.#placeOf(event);
      this.#paintTo(this.#at);
    });
    sheet.addEventListener("pointermove", (event) => {
      if (!this.#regions) return;
      const to = this.#placeOf(event);
      if (this.#painting) this.#paintTo(to);
      this.#at = to;
      this.#showBrush();
    });
    for (const end of ["pointerup", "pointercancel"]) sheet.addEventListener(end, () => (this.#painting = false));
  }

  #placeOf({ clientX, clientY }) {
    const { left, top, width, height } = $("masking-mask").getBoundingClientRect();
    return {
      x: ((clientX - left) / width) * this.#regions.width,
      y: ((clientY - top) / height) * this.#regions.height,
    };
  }

  #paintTo(to) {
    this.#regions.stroke(this.#at, to, this.#radius, this.#style);
    this.#at = to;
    this.#draw();
  }

  #fill(style) {
    this.#regions.mark();
    this.#regions.fill(style);
  }

  #change(work) {
    if (!this.#regions) return;
    work();
    this.#draw();
  }

  #key(event) {
    if (!this.#regions) return;
    const onSheet = event.target === $("masking-sheet");
    if (event.key === "z" && (event.ctrlKey || event.metaKey)) this.#change(() => this.#regions.undo());
    else if (event.ctrlKey || event.metaKey || event.altKey) return;
    else if (/^[1-4]$/.test(event.key)) this.#choose(Number(event.key) - 1);
    else if (event.key === "[" || event.key === "]") this.#grow(event.key === "]" ? 1.25 : 0.8);
    else if (onSheet && event.key in ARROWS) this.#move(ARROWS[event.key]);
    else if (onSheet && event.key === " ") this.#change(() => this.#stamp());
    else return;
    event.preventDefault();
  }

  #grow(factor) {
    const brush = $("masking-brush");
    const value = Number(brush.value);
    brush.value = String(factor > 1 ? Math.max(value + 1, Math.round(value * factor)) : Math.round(value * factor));
    this.#showBrush();
  }

  #move([x, y]) {
    const step = Math.max(1, this.#radius / 2);
    const { width, height } = this.#regions;
    this.#at = { x: between(this.#at.x + step * x, 0, width), y: between(this.#at.y + step * y, 0, height) };
    this.#showBrush();
  }

  #stamp() {
    this.#regions.mark();
    this.#regions.stroke(this.#at, this.#at, this.#radius, this.#style);
  }

  // --- what is seen ---

  #draw() {
    if (this.#wanted) return;
    this.#wanted = true;
    requestAnimationFrame(() => {
      this.#wanted = false;
      $("masking-mask").getContext("2d").putImageData(this.#regions.picture(VEIL), 0, 0);
      this.#showWhatIsMissing();
    });
  }

  #showBrush() {
    if (!this.#regions) return;
    const scale = $("masking-mask").getBoundingClientRect().width / this.#regions.width;
    const { style } = $("masking-ring");
    style.width = style.height = `${2 * this.#radius * scale}px`;
    style.transform = `translate(${this.#at.x * scale}px, ${this.#at.y * scale}px) translate(-50%, -50%)`;
  }

  /** The method asks that some of them have a place. */
  #showWhatIsMissing() {
    const { offered, hint } = this.#subject;
    const missing = offered.find(({ style, needed }) => needed && !this.#regions.has(style));
    write($("masking-hint"), missing?.needed ?? hint);
    $("masking-save").disabled = Boolean(missing);
  }

  async #save() {
    const { width, height } = this.#regions;
    const canvas = element("canvas", { width, height });
    canvas.getContext("2d").putImageData(this.#regions.picture(255), 0, 0);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
    try {
      this.#slot.set(await api.upload(new File([blob], this.#subject.name, { type: "image/png" })));
      $("masking").close();
    } catch (problem) {
      tell($("masking-error"), problem.message); // what is painted stays
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

/** The pixels of a bitmap at another size, each the nearest one of it. */
function scaled(bitmap, width, height) {
  const pen = element("canvas", { width, height }).getContext("2d");
  pen.imageSmoothingEnabled = false;
  pen.drawImage(bitmap, 0, 0, width, height);
  return pen.getImageData(0, 0, width, height);
}
