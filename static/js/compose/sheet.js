// A sheet of the painting dialogue: the picture beneath, what is painted over it, and the brush. Events: "begin", before
// something is painted; "change", after; "given-up", when that was taken back again, as another finger came.

import { element, find } from "../kit/dom.js";
import { Regions } from "./regions.js";

const VEIL = 120; // of 255: how much of what is painted lies over what is beneath
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const ERASERS = [2, 5]; // buttons: the right one of a mouse, the other end of a pen
const MOST_ZOOM = 8;

const between = (value, least, most) => Math.min(most, Math.max(least, value));

/** The middle of two pointers, and how far they are apart. @param {any[]} both */
const pinchOf = ([one, other]) => ({
  x: (one.clientX + other.clientX) / 2,
  y: (one.clientY + other.clientY) / 2,
  apart: Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY),
});

export class Sheet extends EventTarget {
  role;
  regions;
  #brush;
  #at; // where the brush is, in pixels of what is painted
  #zoom = 1;
  #down = new Map(); // pointer -> where it was last
  #stroke = null; // {pointer, style} while something is painted
  #wanted = false;
  #ground = element("canvas", { role: "img", "aria-label": "The picture underneath", class: "sheet-ground" });
  #mask = element("canvas", { role: "img", "aria-label": "What is painted", class: "sheet-mask" });
  #ring = element("i", { class: "sheet-ring" });
  #paper = element("div", { class: "sheet", tabIndex: 0, role: "application" }, this.#ground, this.#mask, this.#ring);

  /**
   * @param {{ role: string, title: string, wraps: boolean[] }} subject as paintable.js has it.
   * @param under the picture beneath; @param before what was painted on it, if anything. Both can be drawn.
   * @param palette the colours, by name; @param brush tells {style, share}: share of the longer side that it is wide.
   */
  constructor({ role, title, wraps }, under, before, palette, brush) {
    super();
    this.role = role;
    this.#brush = brush;
    const { width, height } = under;
    for (const canvas of [this.#ground, this.#mask]) [canvas.width, canvas.height] = [width, height];
    this.#ground.getContext("2d").drawImage(under, 0, 0);
    this.regions = new Regions(width, height, palette, wraps);
    if (before) this.regions.read(scaled(before, width, height));
    this.#at = { x: width / 2, y: height / 2 };
    const label = `${title || "Painting area"}. The arrow keys move the brush, the space bar paints.`;
    this.#paper.setAttribute("aria-label", label);
    this.#paper.style.setProperty("--shape", `${width} / ${height}`);
    this.#paper.style.setProperty("--ratio", String(width / height));
    const room = element("div", { class: "sheet-room" }, this.#paper);
    this.node = element("figure", { class: "sheet-figure", "data-sheet": role }, room);
    if (title) this.node.prepend(element("figcaption", {}, title));
    this.#listen();
    this.#draw();
    new ResizeObserver(() => this.showBrush()).observe(this.#paper);
  }

  /** Does something to what is painted, that Undo leads back from. */
  change(work) {
    this.#begin();
    work(this.regions);
    this.#draw();
  }

  undo() {
    this.regions.undo();
    this.#draw();
  }

  /** Larger or smaller by that factor; `about` stays where it is, in pixels of the page, or else the brush. */
  zoomBy(factor, about = this.#placeOnPage) {
    const room = find(".sheet-room", this.node);
    const before = this.#paper.getBoundingClientRect();
    const [right, down] = [(about.x - before.left) / before.width, (about.y - before.top) / before.height];
    this.#zoom = between(this.#zoom * factor, 1, MOST_ZOOM);
    this.#paper.style.setProperty("--zoom", String(this.#zoom));
    const after = this.#paper.getBoundingClientRect();
    room.scrollLeft += after.left + right * after.width - about.x;
    room.scrollTop += after.top + down * after.height - about.y;
    this.showBrush();
  }

  showBrush() {
    const scale = this.#mask.getBoundingClientRect().width / this.regions.width;
    const { style } = this.#ring;
    style.width = style.height = `${2 * this.#radius * scale}px`;
    style.transform = `translate(${this.#at.x * scale}px, ${this.#at.y * scale}px) translate(-50%, -50%)`;
  }

  /** A picture that is one of the colours everywhere. */
  async file(name) {
    const { width, height } = this.regions;
    const canvas = element("canvas", { width, height });
    canvas.getContext("2d").putImageData(this.regions.picture(255), 0, 0);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
    return new File([blob], name, { type: "image/png" });
  }

  /** Of the brush, which keeps its size on the screen. */
  get #radius() {
    return (Math.max(this.regions.width, this.regions.height) * this.#brush().share) / 2 / this.#zoom;
  }

  get #placeOnPage() {
    const { left, top, width } = this.#mask.getBoundingClientRect();
    const scale = width / this.regions.width;
    return { x: left + scale * this.#at.x, y: top + scale * this.#at.y };
  }

  // --- pointers: one paints, two move and zoom ---

  #listen() {
    const paper = this.#paper;
    paper.addEventListener("contextmenu", (event) => event.preventDefault());
    paper.addEventListener("pointerdown", (event) => this.#press(event));
    paper.addEventListener("pointermove", (event) => this.#move(event));
    for (const end of /** @type {const} */ (["pointerup", "pointercancel", "lostpointercapture"]))
      paper.addEventListener(end, (event) => {
        this.#down.delete(event.pointerId);
        if (this.#stroke?.pointer === event.pointerId) this.#stroke = null;
      });
    paper.addEventListener("keydown", (event) => this.#key(event));
    paper.addEventListener("wheel", (event) => event.ctrlKey && this.#turn(event), { passive: false });
  }

  #turn(event) {
    event.preventDefault();
    this.zoomBy(event.deltaY < 0 ? 1.25 : 0.8, { x: event.clientX, y: event.clientY });
  }

  #press(event) {
    const erases = ERASERS.includes(event.button);
    if (event.button !== 0 && !erases) return;
    this.#paper.setPointerCapture(event.pointerId);
    this.#down.set(event.pointerId, event);
    if (this.#down.size > 1) return this.#giveUp();
    this.#begin();
    this.#stroke = { pointer: event.pointerId, style: erases ? 0 : this.#brush().style };
    this.#at = this.#placeOf(event);
    this.#paintTo(this.#at);
  }

  /** What one finger had begun to paint before the other came was none of it. */
  #giveUp() {
    if (this.#stroke) {
      this.undo();
      this.dispatchEvent(new Event("given-up"));
    }
    this.#stroke = null;
  }

  #move(event) {
    const before = [...this.#down.values()];
    if (this.#down.has(event.pointerId)) this.#down.set(event.pointerId, event);
    if (before.length > 1) return this.#pinch(pinchOf(before), pinchOf([...this.#down.values()]));
    const to = this.#placeOf(event);
    if (this.#stroke?.pointer === event.pointerId) this.#paintTo(to);
    this.#at = to;
    return this.showBrush();
  }

  #pinch(before, after) {
    const room = find(".sheet-room", this.node);
    room.scrollLeft -= after.x - before.x;
    room.scrollTop -= after.y - before.y;
    if (before.apart > 0) this.zoomBy(after.apart / before.apart, after);
  }

  #placeOf({ clientX, clientY }) {
    const { left, top, width, height } = this.#mask.getBoundingClientRect();
    return {
      x: ((clientX - left) / width) * this.regions.width,
      y: ((clientY - top) / height) * this.regions.height,
    };
  }

  #paintTo(to) {
    this.regions.stroke(this.#at, to, this.#radius, this.#stroke.style);
    this.#at = to;
    this.#draw();
  }

  // --- keys ---

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in ARROWS) this.#step(ARROWS[event.key]);
    else if (event.key === " ")
      this.change((regions) => regions.stroke(this.#at, this.#at, this.#radius, this.#brush().style));
    else return;
    event.preventDefault();
  }

  #step([x, y]) {
    const step = Math.max(1, this.#radius / 2);
    const { width, height } = this.regions;
    this.#at = { x: between(this.#at.x + step * x, 0, width), y: between(this.#at.y + step * y, 0, height) };
    this.showBrush();
    this.#ring.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  // --- what is told, and what is seen ---

  #begin() {
    this.regions.mark();
    this.dispatchEvent(new Event("begin"));
  }

  #draw() {
    if (this.#wanted) return;
    this.#wanted = true;
    requestAnimationFrame(() => {
      this.#wanted = false;
      this.#mask.getContext("2d").putImageData(this.regions.picture(VEIL), 0, 0);
      this.dispatchEvent(new Event("change"));
    });
  }
}

/** The pixels of a bitmap at another size, each the nearest one of it. */
function scaled(bitmap, width, height) {
  const pen = element("canvas", { width, height }).getContext("2d");
  pen.imageSmoothingEnabled = false;
  pen.drawImage(bitmap, 0, 0, width, height);
  return pen.getImageData(0, 0, width, height);
}
