// Which job is shown, or none: then a new texture is prepared. The address follows, so that a reload shows the same.

import { $ } from "./dom.js";

const addressOf = (id) => (id ? `/jobs/${id}` : "/");
const jobAt = (path) => path.match(/^\/jobs\/(\w+)$/)?.[1] ?? null;

export class Navigation {
  #jobs;
  #view;

  constructor(jobs, view) {
    this.#jobs = jobs;
    this.#view = view;
    addEventListener("popstate", () => this.#show(jobAt(location.pathname)));
  }

  /** Show a job, or with null a new texture; Back leads to what was shown before. */
  select(id) {
    this.#show(id);
    if (location.pathname !== addressOf(id)) history.pushState(null, "", addressOf(id));
  }

  /** The same where nobody chose: Back does not lead here again. */
  settle(id) {
    this.#show(id);
    if (location.pathname !== addressOf(id)) history.replaceState(null, "", addressOf(id));
  }

  #show(id) {
    this.#view.browsing = false;
    this.#jobs.select(this.#jobs.rows.has(id) ? id : null); // it may have been deleted meanwhile
    scrollTo({ top: 0 }); // on a phone the page may be scrolled far down
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
    if (shown) this.settle(this.#jobs.list()[0]?.id ?? null);
  }
}
