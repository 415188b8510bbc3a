// Pictures that explain the picture, beside it: redrawn every few seconds while the job runs.

import { $, element } from "../kit/dom.js";
import { title } from "../kit/words.js";
import * as api from "../state/api.js";
import { methodOf } from "../state/catalogue.js";
import { isFittedMap } from "../state/fitted-exemplar.js";

const PACE = 5000; // ms: as often as the server writes them
const TITLES = { origins: "Where each patch comes from" }; // what is more than the server's own
const NOTES = {
  origins: "Where in the source texture each pixel comes from: redder is further right, greener further down.",
};

const mapsOf = (row) => row.files.filter((name) => name.endsWith(".png")).map((name) => name.replace(/\.png$/, ""));
const namesOf = (row) => mapsOf(row).filter((name) => !isFittedMap(name)); // that stands with what went in

export class Maps {
  #canvases = new Map(); // name -> canvas
  #job = null;
  #moment = ""; // of the job, when the maps were last asked for
  #asked = 0;

  /** To be called whenever the job that is shown has changed. */
  show(row) {
    const names = namesOf(row);
    if (row.id !== this.#job || names.join() !== [...this.#canvases.keys()].join()) this.#make(row, names);
    $("maps").hidden = !names.length;
    if (!this.#isDue(row)) return;
    [this.#moment, this.#asked] = [momentOf(row), Date.now()];
    for (const name of names) this.#load(row.id, name);
  }

  #isDue(row) {
    return momentOf(row) !== this.#moment || (row.state === "running" && Date.now() - this.#asked >= PACE);
  }

  #make(row, names) {
    this.#job = row.id;
    this.#moment = "";
    const canvasOf = (name) => element("canvas", { role: "img", "aria-label": wordsOf(row, name) });
    this.#canvases = new Map(names.map((name) => [name, canvasOf(name)]));
    $("maps").replaceChildren(...names.map((name) => this.#figure(row, name)));
  }

  #figure(row, name) {
    const words = wordsOf(row, name);
    const label = `${words} (opens a new tab)`;
    const link = { href: api.mapPath(row.id, name), target: "_blank", title: "Open it by itself", "aria-label": label };
    const caption = element("figcaption", {}, element("b", {}, words));
    const note = NOTES[name] && element("p", { class: "hint" }, NOTES[name]);
    return element("figure", { "data-map": name }, caption, element("a", link, this.#canvases.get(name)), note);
  }

  async #load(job, name) {
    try {
      const bitmap = await api.bitmap(api.mapPath(job, name));
      const canvas = this.#canvases.get(name);
      if (job !== this.#job || !canvas) return;
      [canvas.width, canvas.height] = [bitmap.width, bitmap.height];
      canvas.getContext("2d").drawImage(bitmap, 0, 0);
      bitmap.close();
    } catch {
      // The next one will do; what is wrong with the server is told elsewhere.
    }
  }
}

/** What a map of a job is called. */
function wordsOf(row, name) {
  const made = methodOf(row.method)?.produces?.find((artifact) => artifact.name === `${name}.png`);
  return TITLES[name] ?? made?.title ?? title(name);
}

/** While it runs the pace alone counts; a job that stops leaves its last map with its last number. */
const momentOf = ({ id, state, number }) => `${id} ${state} ${state === "running" ? "" : number}`;
