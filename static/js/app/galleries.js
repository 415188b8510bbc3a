// The pages that fill the window: the history and the shelf of models. While one is shown, the studio rests behind it.

import { around, find, findAll } from "../kit/dom.js";
import { once } from "../kit/lazy.js";
import { placeAt } from "../state/addresses.js";

const TITLES = { history: "History", models: "Models" };

/** A gallery whose scripts are fetched when it is wanted for the first time. */
export class Later {
  #fetch;
  #gallery = null;
  #isOpen = false;

  /** @param fetch resolves to the gallery: {open(), close(), drop(id), refresh()}. */
  constructor(fetch) {
    this.#fetch = once(fetch);
  }

  /** The gallery itself, or null where its scripts did not come: then the reason has been shown. */
  async gallery() {
    this.#gallery = await this.#fetch();
    return this.#gallery;
  }

  async open() {
    this.#isOpen = true;
    const gallery = await this.gallery();
    if (this.#isOpen) gallery?.open();
  }

  close() {
    this.#isOpen = false;
    this.#gallery?.close();
  }

  drop(id) {
    this.#gallery?.drop(id);
  }

  refresh() {
    this.#gallery?.refresh();
  }
}

export class Galleries {
  #views;
  #shown = null;

  /** @param views the view's name -> {open(), close()}; open is called each time that the page goes there. */
  constructor(navigation, views) {
    this.#views = views;
    navigation.addEventListener("place", () => this.#show(navigation.place.view));
  }

  #show(view) {
    if (this.#shown && this.#shown !== view) this.#views[this.#shown].close();
    this.#shown = view in this.#views ? view : null;
    for (const one of Object.keys(this.#views)) find(`#${one}`).hidden = one !== view;
    this.#mark(view);
    if (!this.#shown) return;
    document.title = `${TITLES[view]} · Texture Lab`;
    find(`#${view}`).focus({ preventScroll: true }); // at once, and not when its scripts have come
    this.#views[view].open();
  }

  #mark(view) {
    find(".skip").setAttribute("href", `#${this.#shown ?? (view === "comparison" ? view : "stage")}`);
    for (const link of findAll(".places [data-place]")) {
      if (link.dataset.place === view) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }
}

/** Follows plain clicks on links to our own places without reloading the page. */
export function listenForLinks(navigation) {
  addEventListener("click", (event) => {
    const link = /** @type {HTMLAnchorElement | null} */ (around(event, "a[data-place]"));
    const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    if (!link || !plain || event.defaultPrevented) return;
    event.preventDefault();
    navigation.go(placeAt(link.pathname));
  });
}
