// The dialogue in which a picture is chosen for a slot: a file, or one of the built-in ones.

import { $, element, write } from "../kit/dom.js";
import { sampleButton } from "./samples.js";

const OF_SCENES = ["content", "initial"]; // roles for which a scene is the likelier choice

const sentence = (words) => `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;

export class Picker {
  #slot = null;
  #samples = [];

  constructor() {
    $("picker-close").addEventListener("click", () => $("picker").close());
    $("picker-choose").addEventListener("click", () => $("picker-file").click());
    $("picker").addEventListener("close", () => {
      $("picker-samples").replaceChildren();
      this.#slot.focus();
    });
  }

  setSamples(samples) {
    this.#samples = samples;
  }

  open(slot) {
    this.#slot = slot;
    $("picker").dataset.slot = slot.name; // what is dropped or pasted here is for it
    write($("picker-heading"), slot.title);
    write($("picker-words"), sentence(slot.words));
    $("picker-samples").replaceChildren(...this.#ordered().map((sample) => this.#item(sample)));
    $("picker").showModal();
  }

  #ordered() {
    const first = OF_SCENES.includes(this.#slot.role) ? "scene" : "texture";
    return [...this.#samples].sort((one, other) => Number(other.kind === first) - Number(one.kind === first));
  }

  #item(sample) {
    const pick = (picture) => {
      this.#slot.set(picture);
      $("picker").close();
    };
    return element("li", {}, sampleButton(sample, pick, this.#slot.picture?.id));
  }
}
