// The controls of a lens, of a job's or of a comparison's: zoom, tiling, offset, full screen, and what keys do to them.
// What is chosen of the tiling is remembered; the zoom is not.

import { around, choiceOf, find, valueOf, write } from "../kit/dom.js";
import { recall, remember } from "../kit/memory.js";
import { announce } from "../kit/notices.js";

const CLOSER = 1.25; // by so much a key or a button zooms
const STEP = 0.15; // by such a part of a pane an arrow key moves
const PLAIN = { times: 1, shifted: false };

export class LensBar {
  #host;
  #lens;
  #roomOf;
  /** @type {string | null} */
  #memory = null;

  /**
   * @param host has the controls: templates/lens-bar.html.
   * @param roomOf says the room of a pane, or null where there is none: keys have no pointer, and so no pane.
   */
  constructor(host, lens, roomOf) {
    this.#host = host;
    this.#lens = lens;
    this.#roomOf = roomOf;
    lens.addEventListener("change", () => this.show());
    const works = {
      closer: () => this.zoom(1),
      farther: () => this.zoom(-1),
      fit: () => this.fit(),
      pixels: () => this.showTruePixels(),
      shift: () => this.shift(),
      full: () => this.toggleFullScreen(),
    };
    host.addEventListener("click", (event) => works[around(event, "[data-lens]")?.dataset.lens]?.());
    this.#part("tiling").addEventListener("change", (event) => this.#choose({ times: valueOf(event) }));
    this.#part("full").hidden = !document.fullscreenEnabled;
    document.addEventListener("fullscreenchange", () => this.show());
  }

  #part(name) {
    return /** @type {HTMLElement} */ (find(`[data-lens="${name}"]`, this.#host));
  }

  /** Whether there is something to look at through the lens. */
  get isShown() {
    return this.#roomOf() !== null;
  }

  show() {
    const [room, { zoom, columns, shifted }] = [this.#roomOf(), this.#lens];
    write(this.#part("percent"), room ? `${Math.round(100 * this.#lens.scaleIn(room))} %` : "");
    const full = document.fullscreenElement !== null;
    for (const [name, pressed] of Object.entries({ fit: zoom === null, pixels: zoom === 1, shift: shifted, full }))
      this.#part(name).setAttribute("aria-pressed", String(pressed));
    const choice = choiceOf(this.#part("tiling"), columns);
    if (choice) choice.checked = true;
  }

  /**
   * Takes up what was last chosen for pictures of this kind.
   * @param {string | null} memory what is remembered of them; null: such a picture is shown once, as it is.
   */
  take(memory, usual = PLAIN) {
    this.#memory = memory;
    for (const name of ["tiling", "shift"]) this.#part(name).hidden = !memory;
    const { times, shifted } = memory ? recall(memory, usual) : PLAIN;
    this.#lens.repeat(times);
    this.#lens.shift(shifted);
    this.show();
  }

  #choose(part) {
    const chosen = { times: this.#lens.columns, shifted: this.#lens.shifted, ...part };
    if (!this.#memory) return;
    remember(this.#memory, chosen);
    this.#lens.repeat(chosen.times);
    this.#lens.shift(chosen.shifted);
  }

  /** @param way 1 is closer, -1 is farther. */
  zoom(way) {
    const room = this.#roomOf();
    if (room) this.#lens.zoomBy(CLOSER ** way, room);
  }

  /**
   * The page fills the screen, and what is seen of it are the picture, its controls, and what the page has to say.
   * False where this is not what one looks at, or the browser knows of no full screen.
   */
  toggleFullScreen() {
    if (!document.fullscreenEnabled || !this.#host.closest("main").checkVisibility()) return false;
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen();
    return true;
  }

  fit() {
    this.#lens.fit();
  }

  showTruePixels() {
    this.#lens.showTruePixels();
  }

  /** Moves what is seen: across and down are -1, 0 or 1. False where there is nothing to move. */
  move(across, down) {
    const room = this.#roomOf();
    if (!room || !this.#lens.canPan(room)) return false;
    this.#lens.pan(room, -across * STEP * room.width, -down * STEP * room.height);
    return true;
  }

  /** Repeats the tile so many times; once where it is repeated so many times already. */
  tile(times) {
    const wanted = times === this.#lens.columns ? 1 : times;
    this.#choose({ times: wanted });
    if (this.#memory) announce(`The tile, ${wanted} by ${wanted}`);
  }

  /** Shifts the tile by half of itself, or back. */
  shift() {
    this.#choose({ shifted: !this.#lens.shifted });
    if (this.#memory) announce(this.#lens.shifted ? "Offset by half: the seams are in the middle" : "No offset");
  }
}
