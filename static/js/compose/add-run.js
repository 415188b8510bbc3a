// Adding a run to a comparison: the panel of settings opens beside it, with the comparison's exemplar. Event: "change".

import { $, element } from "../kit/dom.js";
import * as api from "../state/api.js";
import { roleTitle } from "../state/catalogue.js";

function line(role, id, name) {
  const words = role === "source" ? "The source texture of this comparison" : `Its ${roleTitle(role).toLowerCase()}`;
  const picture = element("img", { src: api.imagePath(id, 160), alt: "", width: 48, height: 48 });
  const about = element("div", {}, element("strong", {}, name), element("span", { class: "hint" }, words));
  return element("div", { class: "chosen" }, picture, about);
}

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
    $("pictures").hidden = on;
    $("tray-block").hidden = on;
    $("fixed-exemplar").hidden = $("adding-close").hidden = !on;
    if (on) this.#showPictures(comparison);
    this.dispatchEvent(new Event("change"));
  }

  #showPictures({ exemplar, images, jobs }) {
    const names = { ...Object.assign({}, ...jobs.map((row) => row.names)), source: exemplar };
    const lines = Object.keys(images).map((role) => line(role, images[role], names[role] ?? roleTitle(role)));
    $("fixed-pictures").replaceChildren(...lines);
  }
}
