// Where the page is: at a new texture, a job, a comparison, or a list. The address follows, so that a reload shows the
// same. A place is {view, id}: the views are the keys of ADDRESSES, and id is null where there is only one of a kind.

import { $ } from "../kit/dom.js";
import { NEW, addressOf, placeAt } from "../state/addresses.js";

/** @import { Jobs } from "../state/jobs.js" */

const STUDIO = ["new", "job"]; // views that show the stage, and the strip's choice on it
const LISTS = ["history", "models"];

/** "place": the page is somewhere else; `place` says where. */
export class Navigation extends EventTarget {
  #jobs;
  #view;
  place = NEW;

  /** @param {Jobs} jobs */
  constructor(jobs, view) {
    super();
    this.#jobs = jobs;
    this.#view = view;
    addEventListener("popstate", () => this.#show(placeAt(location.pathname)));
  }

  get #address() {
    return addressOf(this.place.view, this.place.id);
  }

  /** Whether the stage is what one sees: with a job, or with what a new texture is made from. */
  get inStudio() {
    return STUDIO.includes(this.place.view);
  }

  /** Whether the page shows the history, or the shelf of models. */
  get inList() {
    return LISTS.includes(this.place.view);
  }

  /** Whether this is what the page shows. */
  isAt(view, id = null) {
    return this.place.view === view && this.place.id === id;
  }

  /** Go to a place; Back leads to what was shown before. */
  go(place) {
    this.#show(place);
    if (location.pathname !== this.#address) history.pushState(null, "", this.#address);
  }

  /** The same where nobody chose: Back does not lead here again. */
  settleAt(place) {
    this.#show(place);
    if (location.pathname !== this.#address) history.replaceState(null, "", this.#address);
  }

  /** Show a job, or with null a new texture. */
  select(id) {
    this.go(id ? { view: "job", id } : NEW);
  }

  settle(id) {
    this.settleAt(id ? { view: "job", id } : NEW);
  }

  #show(place) {
    const gone = place.view === "job" && !this.#jobs.rows.has(place.id); // it may have been deleted meanwhile
    this.place = gone ? NEW : place;
    document.documentElement.dataset.view = this.place.view;
    this.#view.browsing = false;
    this.#jobs.select(this.place.view === "job" ? this.place.id : null);
    this.dispatchEvent(new Event("place"));
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
    if (!this.inStudio) return;
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
