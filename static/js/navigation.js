// Which job is shown, or none: then a new texture is prepared. The address follows, so that a reload shows the same.

import { $ } from "./dom.js";

export class Navigation {
  #jobs;
  #view;

  constructor(jobs, view) {
    this.#jobs = jobs;
    this.#view = view;
  }

  select(id) {
    this.#view.browsing = false;
    this.#jobs.select(id);
    scrollTo({ top: 0 }); // on a phone the page may be scrolled far down
    const address = id ? `/jobs/${id}` : "/";
    if (location.pathname !== address) history.replaceState(null, "", address);
  }

  /** A new texture, from the exemplar that there is. */
  fresh() {
    this.select(null);
    ($("invite").hidden ? $("start") : $("choose")).focus({ preventScroll: true });
  }

  /** A new texture, from another exemplar. */
  browse() {
    this.select(null);
    this.#view.browsing = true;
    this.#view.showAll();
    $("choose").focus({ preventScroll: true });
  }

  /** The job that is newer (-1) or older (1) than the one shown. */
  neighbour(way) {
    const order = this.#jobs.list().map(({ id }) => id);
    const next = order[order.indexOf(this.#jobs.selected) + way];
    if (next) this.select(next);
  }

  /** A job is gone; if it was shown, another one takes its place. */
  removed(id) {
    const shown = this.#jobs.selected === id;
    this.#jobs.remove(id);
    if (shown) this.select(this.#jobs.list()[0]?.id ?? null);
  }
}
