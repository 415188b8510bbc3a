// A chart whose scripts are fetched when there is something to draw for the first time.

import { attempt } from "./notices.js";

export class Lazy {
  #fetch;
  /** @type {{ show(...what: unknown[]): void, repaint(): void } | null} */
  #chart = null;
  #isComing = false;
  #wanted = [];

  /** @param fetch resolves to the chart: {show(...), repaint()}. */
  constructor(fetch) {
    this.#fetch = fetch;
  }

  /** At once, or as soon as its scripts are here; then what was wanted last. */
  show(...what) {
    this.#wanted = what;
    if (this.#chart) this.#chart.show(...what);
    else if (!this.#isComing) this.#load();
  }

  async #load() {
    this.#isComing = true;
    this.#chart = await attempt(this.#fetch);
    this.#chart?.show(...this.#wanted);
  }

  repaint() {
    this.#chart?.repaint();
  }
}
