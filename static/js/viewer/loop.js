// A walk through a model, playing over the picture. It rests where less motion is wished for, until Play is pressed.

import { element } from "../kit/dom.js";

const CALM = matchMedia("(prefers-reduced-motion: reduce)");

/** "change": it has begun or ceased to play. */
export class Loop extends EventTarget {
  #host;
  #path = null;
  #repeat = 1;
  playing = false;

  /** @param host lies over the picture, and is as large. */
  constructor(host) {
    super();
    this.#host = host;
  }

  /** There is a loop at this address; null: there is none. */
  offer(path, words) {
    if (words) this.#host.setAttribute("aria-label", words);
    if (path === this.#path) return;
    this.#path = path;
    this.#play(path !== null && !CALM.matches);
  }

  toggle() {
    if (this.#path) this.#play(!this.playing);
  }

  /** Like the picture beneath it, times × times. */
  setRepeat(times) {
    this.#repeat = times;
    this.#draw();
  }

  #play(playing) {
    this.playing = playing;
    this.#draw();
    this.dispatchEvent(new Event("change"));
  }

  #draw() {
    const count = this.playing ? this.#repeat ** 2 : 0;
    this.#host.hidden = !count;
    this.#host.style.setProperty("--columns", String(this.#repeat));
    const one = () => element("img", { src: this.#path, alt: "" });
    this.#host.replaceChildren(...Array.from({ length: count }, one));
  }
}
