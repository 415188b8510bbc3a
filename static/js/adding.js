// Adding a run to a comparison: the panel of settings opens beside it, with the comparison's exemplar. Event: "change".

import * as api from "./api.js";
import { $, write } from "./dom.js";

export class Adding extends EventTarget {
  comparison = null; // {id, exemplar, images} of the one that gets a run, or null

  constructor(navigation) {
    super();
    $("adding-close").addEventListener("click", () => this.close());
    navigation.addEventListener("place", () => this.comparison && this.#set(null));
  }

  open(comparison) {
    this.#set(comparison);
    $("start").focus({ preventScroll: true });
  }

  close() {
    if (!this.comparison) return;
    this.#set(null);
    $("add-run").focus({ preventScroll: true });
  }

  #set(comparison) {
    this.comparison = comparison;
    const on = Boolean(comparison);
    document.documentElement.toggleAttribute("data-adding", on);
    $("exemplar-block").hidden = on;
    $("tray-block").hidden = on;
    $("fixed-exemplar").hidden = $("adding-close").hidden = !on;
    if (on) this.#showExemplar(comparison);
    this.dispatchEvent(new Event("change"));
  }

  #showExemplar({ exemplar, images }) {
    $("fixed-picture").src = api.imagePath(images.source, 160);
    write($("fixed-name"), exemplar);
  }
}
