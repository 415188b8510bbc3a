// The picture that the next texture is made from: chosen, uploaded, remembered.

import * as api from "./api.js";
import { $, element, icon, tell } from "./dom.js";
import { recall, remember } from "./memory.js";
import { times } from "./words.js";

const NAMES_KEPT = 200;

/** What people called their pictures; the server's rows only know ids. */
const names = new Map(recall("names", []));

function keepName(id, name) {
  names.set(id, name);
  remember("names", [...names].slice(-NAMES_KEPT));
}

/** The titles of the built-in pictures, which the server says each time. */
export function learnNames(samples) {
  samples.forEach(({ id, title }) => names.set(id, title));
}

export const nameOf = (id) => names.get(id) ?? (id?.startsWith("sample:") ? id.slice(7) : "Picture");

/** What a job's exemplar is called: of a sample, the one that its model was trained on. */
export const exemplarOf = (row) => row.exemplar || nameOf(row.images.source);

const TITLES = { sample: "Sample of", walk: "Walk through" };

/** What a job itself is called. */
export const titleOf = (row) => [TITLES[row.method], exemplarOf(row)].filter(Boolean).join(" ");

/** "change": another picture, or none, is the exemplar. */
export class Exemplar extends EventTarget {
  picture = recall("exemplar", null); // {id, name, width, height}; a sample's size is known once it is drawn
  #busy = false;

  constructor(browse) {
    super();
    this.browse = browse;
    this.#show();
  }

  set(picture) {
    this.picture = picture;
    if (picture) keepName(picture.id, picture.name);
    remember("exemplar", picture);
    this.complain(null);
    this.#show();
    this.dispatchEvent(new Event("change"));
  }

  /** Sends a file to the server and makes it the exemplar. */
  async bring(file) {
    this.#busy = true;
    this.#show(file.name || "pasted picture");
    try {
      const { id, name, width, height } = await api.upload(file);
      this.#busy = false;
      this.set({ id, name, width, height });
    } catch (problem) {
      this.#busy = false;
      this.#show();
      this.complain(`${file.name || "The picture"}: ${problem.message}`);
    }
  }

  complain(text) {
    tell($("exemplar-error"), text);
  }

  knowSize(id, { width, height }) {
    if (this.picture?.id !== id || this.picture.width) return;
    this.picture = { ...this.picture, width, height };
    remember("exemplar", this.picture);
    this.#show();
  }

  #show(arriving) {
    $("exemplar-slot").setAttribute("aria-busy", String(this.#busy));
    if (this.#busy)
      $("exemplar-slot").replaceChildren(
        element("p", { class: "slot-busy hint", role: "status" }, `Reading ${arriving}…`),
      );
    else if (this.picture) $("exemplar-slot").replaceChildren(this.#card());
    else $("exemplar-slot").replaceChildren(this.#invitation());
  }

  #invitation() {
    return element(
      "button",
      { type: "button", class: "slot-empty", onclick: this.browse },
      icon("picture"),
      "Choose a picture or a sample",
    );
  }

  #card() {
    const { id, name, width, height } = this.picture;
    const picture = element("img", { src: api.imagePath(id, 160), alt: "", width: 64, height: 64 });
    picture.addEventListener("error", () => this.set(null), { once: true }); // gone from the server since last time
    const size = element("span", { class: "hint" }, width ? times({ width, height }) : "Sample");
    const change = element(
      "button",
      { type: "button", class: "plain", onclick: this.browse, "aria-label": "Change the exemplar" },
      "Change",
    );
    return element("div", { class: "chosen" }, picture, element("div", {}, element("strong", {}, name), size), change);
  }
}
