// A walk through a model, playing over the picture. It rests where less motion is wished for, until Play is pressed.

const CALM = matchMedia("(prefers-reduced-motion: reduce)");

/** "change": it has begun or ceased to play. */
export class Loop extends EventTarget {
  #host;
  /** @type {string | null} */
  #path = null;
  playing = false;

  /** @param {HTMLElement} host lies over the picture, and lays its background as the pane does the tiles. */
  constructor(host) {
    super();
    this.#host = host;
  }

  /**
   * There is a loop at this address; null: there is none.
   * @param {string | null} path
   * @param {string} [words] what a screen reader says of it
   */
  offer(path, words) {
    if (words) this.#host.setAttribute("aria-label", words);
    if (path === this.#path) return;
    this.#path = path;
    this.#play(path !== null && !CALM.matches);
  }

  toggle() {
    if (this.#path) this.#play(!this.playing);
  }

  /** @param {boolean} playing */
  #play(playing) {
    this.playing = playing;
    this.#host.hidden = !playing;
    this.#host.style.backgroundImage = playing ? `url("${this.#path}")` : "";
    this.dispatchEvent(new Event("change"));
  }
}
