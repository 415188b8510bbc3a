// What comes later: scripts that are fetched when they are wanted for the first time.

import { complain } from "./notices.js";

const FAILED = "A part of the page could not be fetched. Is the server running? Try again.";
const PAUSE = 10_000; // ms after which a chart that did not come is fetched again

/**
 * A function that fetches something once, and again only where that has failed; then it says so, and gives null.
 * @template T
 * @param {() => Promise<T>} fetch
 * @returns {() => Promise<T | null>}
 */
export function once(fetch) {
  /** @type {Promise<T | null> | null} */
  let coming = null;
  const fail = () => {
    coming = null;
    complain(FAILED);
    return null;
  };
  return () => (coming ??= fetch().catch(fail));
}

/**
 * A chart that is fetched when there is something to draw.
 * @template {unknown[]} What
 */
export class Lazy {
  #fetch;
  /** @type {{ show(...what: What): void, repaint(): void } | null} */
  #chart = null;
  #asked = -Infinity; // when it was last asked for, ms
  /** @type {What | null} */
  #wanted = null;

  /** @param {() => Promise<{ show(...what: What): void, repaint(): void }>} fetch */
  constructor(fetch) {
    this.#fetch = once(fetch);
  }

  /**
   * At once, or as soon as its scripts are here; then what was wanted last.
   * @param {What} what
   */
  show(...what) {
    this.#wanted = what;
    if (this.#chart) this.#chart.show(...what);
    else if (performance.now() - this.#asked > PAUSE) this.#load();
  }

  async #load() {
    this.#asked = performance.now();
    this.#chart = await this.#fetch();
    if (this.#wanted) this.#chart?.show(...this.#wanted);
  }

  repaint() {
    this.#chart?.repaint();
  }
}
