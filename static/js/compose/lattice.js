// Under the exemplar: by what it repeats, how that is fitted to the tile, a drawing of it, and a size that suits it better.

import { drawing, element, write } from "../kit/dom.js";
import { recall, remember } from "../kit/memory.js";
import { extent, times } from "../kit/words.js";
import * as api from "../state/api.js";

const PAUSE = 250; // ms without a change before the server is asked
const WIDTH = 640; // pixels of the picture that is drawn on

export class Lattice {
  #form;
  #pictures;
  #asked = ""; // what was asked last: the answer to anything else is late
  #timer = null;
  #known = null; // {picture, lattice} as the server last said
  #shown = recall("lattice", false);
  #words = element("p", { class: "hint", role: "status" });
  #toggle = element(
    "button",
    { type: "button", class: "quiet toggle", id: "lattice-show", onclick: () => this.#flip() },
    "Show the pattern",
  );
  #use = element(
    "button",
    { type: "button", class: "plain", id: "lattice-use", onclick: () => this.#accept() },
    "Use another size",
  );
  #drawing = element("figure", { class: "lattice-drawing", id: "lattice-drawing" });
  #node;

  /** @param pictures whose exemplar it is about; @param form says for which result. */
  constructor(form, pictures) {
    this.#form = form;
    this.#pictures = pictures;
    const buttons = element("div", { class: "lattice-buttons" }, this.#toggle, this.#use);
    this.#node = element("div", { class: "lattice", id: "lattice", hidden: true }, this.#words, buttons, this.#drawing);
    pictures.source.node.append(this.#node);
    for (const one of [form, pictures]) one.addEventListener("change", () => this.#askSoon());
    form.addEventListener("method", () => this.#askSoon());
  }

  /** The exemplar and what decides its fit; null where the method does not fit it. */
  get #question() {
    const [method, picture, fitting] = [this.#form.chosen, this.#pictures.source.picture, this.#form.fitting];
    if (!picture || !fitting || fitting.regular === "off") return null;
    if (this.#pictures.given([method]).content) return null; // then the result has the content's shape
    const said = Object.entries(fitting).filter(([, value]) => value !== null);
    return { picture, fitting: Object.fromEntries(said) };
  }

  #askSoon() {
    const question = this.#question;
    const asked = JSON.stringify([question?.picture.id, question?.fitting]);
    if (asked === this.#asked) return;
    this.#asked = asked;
    clearTimeout(this.#timer);
    if (question?.picture.id !== this.#known?.picture.id) this.#show(null);
    if (question) this.#timer = setTimeout(() => this.#ask(question, asked), PAUSE);
  }

  async #ask({ picture, fitting }, asked) {
    let lattice = null;
    try {
      lattice = await api.lattice(picture.id, fitting);
    } catch {
      // What is typed may not be a size yet; Start says what is wrong with it.
    }
    if (asked === this.#asked) this.#show({ picture, lattice });
  }

  #show(known) {
    this.#known = known;
    const lattice = known?.lattice;
    this.#node.hidden = !lattice;
    if (!lattice) return;
    const { words, proposed } = lattice;
    write(this.#words, `${words}.`);
    this.#use.hidden = !proposed;
    if (proposed) write(this.#use, `Use ${times(extent(proposed.size))}`);
    this.#draw();
  }

  #flip() {
    this.#shown = !this.#shown;
    remember("lattice", this.#shown);
    this.#draw();
  }

  #accept() {
    const { size, exemplar_size: scale } = this.#known.lattice.proposed;
    this.#form.edit({ size, ...(scale && { exemplar_size: scale }) });
    this.#toggle.focus({ preventScroll: true }); // this button is about to go
  }

  #draw() {
    this.#toggle.setAttribute("aria-pressed", String(this.#shown));
    this.#drawing.hidden = !this.#shown;
    const { picture, lattice } = this.#known;
    const key = JSON.stringify([picture.id, lattice.vectors]);
    if (!this.#shown || this.#drawing.dataset.of === key) return;
    this.#drawing.dataset.of = key;
    const image = element("img", { src: api.imagePath(picture.id, WIDTH), alt: `The pattern of ${picture.name}` });
    this.#drawing.replaceChildren(image, linesOf(lattice));
  }
}

/** The lines of a lattice, to lie over the picture at whatever size that is shown. */
function linesOf({ vectors, width, height }) {
  const path = gridPath(vectors, width, height);
  const face = { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", "aria-hidden": "true" };
  return drawing("svg", face, drawing("path", { class: "halo", d: path }), drawing("path", { d: path }));
}

/** Both families of lines through the points that whole numbers of the vectors lead to, from the middle on. */
function gridPath([one, other], width, height) {
  return linesAlong(one, other, width, height) + linesAlong(other, one, width, height);
}

function linesAlong(way, step, width, height) {
  const length = Math.hypot(way.x, way.y);
  const reach = Math.hypot(width, height); // as long as any line within the picture
  const [x, y] = [(way.x / length) * reach, (way.y / length) * reach];
  const apart = Math.abs(way.x * step.y - way.y * step.x) / length;
  const count = Math.ceil(reach / 2 / apart);
  const middles = Array.from({ length: 2 * count + 1 }, (_, at) => at - count);
  const line = (at) => {
    const [cx, cy] = [width / 2 + at * step.x, height / 2 + at * step.y];
    return `M${(cx - x).toFixed(1)} ${(cy - y).toFixed(1)}L${(cx + x).toFixed(1)} ${(cy + y).toFixed(1)}`;
  };
  return middles.map(line).join("");
}
