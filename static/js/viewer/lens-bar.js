// The controls of a lens, of a job's or of a comparison's: zoom, tiling, offset, full screen, and what keys do to them.
// What is chosen of the tiling is remembered; the zoom is not.

import { around, find, write } from "../kit/dom.js";
import { recall, remember } from "../kit/memory.js";
import { announce } from "../kit/notices.js";
import { Repeats } from "./repeats.js";

/**
 * @import { Repeated, Shape } from "../types"
 * @import { Lens } from "./lens.js"
 * @typedef {Repeated & { shifted: boolean }} Tiling
 */

const CLOSER = 1.25; // by so much a key or a button zooms
const STEP = 0.15; // by such a part of a pane an arrow key moves
const PLAIN = { columns: 1, rows: 1, shifted: false };

/**
 * What is remembered, by an earlier version too.
 * @param {Partial<Tiling> & { times?: number }} stored
 * @returns {Tiling}
 */
const remembered = ({ times = 1, columns = times, rows = times, shifted = false }) => ({ columns, rows, shifted });

export class LensBar {
  #host;
  #lens;
  #roomOf;
  #repeats;
  /** @type {string | null} */
  #memory = null;

  /**
   * @param {HTMLElement} host has the controls: templates/lens-bar.html.
   * @param {Lens} lens
   * @param {() => Shape | null} roomOf says the room of a pane, or null where there is none: keys have no pointer, and so no pane.
   */
  constructor(host, lens, roomOf) {
    this.#host = host;
    this.#lens = lens;
    this.#roomOf = roomOf;
    lens.addEventListener("change", () => this.show());
    /** @type {Record<string, () => void>} */
    const works = {
      closer: () => this.zoom(1),
      farther: () => this.zoom(-1),
      fit: () => this.fit(),
      pixels: () => this.showTruePixels(),
      shift: () => this.shift(),
      full: () => this.toggleFullScreen(),
    };
    host.addEventListener("click", (event) => works[around(event, "[data-lens]")?.dataset.lens ?? ""]?.());
    this.#repeats = new Repeats(
      /** @type {HTMLDetailsElement} */ (this.#part("tiling")),
      `${host.id}-tiling`,
      (repeats) => this.#choose(repeats),
    );
    this.#part("full").hidden = !document.fullscreenEnabled;
    document.addEventListener("fullscreenchange", () => this.show());
  }

  /** @param {string} name */
  #part(name) {
    return /** @type {HTMLElement} */ (find(`[data-lens="${name}"]`, this.#host));
  }

  /** Whether there is something to look at through the lens. */
  get isShown() {
    return this.#roomOf() !== null;
  }

  show() {
    const [room, { zoom, shifted }] = [this.#roomOf(), this.#lens];
    write(this.#part("percent"), room ? `${Math.round(100 * this.#lens.scaleIn(room))} %` : "");
    const full = document.fullscreenElement !== null;
    for (const [name, pressed] of Object.entries({ fit: zoom === null, pixels: zoom === 1, shift: shifted, full }))
      this.#part(name).setAttribute("aria-pressed", String(pressed));
    this.#repeats.show(this.#lens);
  }

  /**
   * Takes up what was last chosen for pictures of this kind.
   * @param {string | null} memory what is remembered of them; null: such a picture is shown once, as it is.
   */
  take(memory, usual = PLAIN) {
    this.#memory = memory;
    for (const name of ["tiling", "shift"]) this.#part(name).hidden = !memory;
    this.#look(memory ? remembered(recall(memory, usual)) : PLAIN);
    this.show();
  }

  /** @param {Partial<Tiling>} part */
  #choose(part) {
    const { columns, rows, shifted } = this.#lens;
    if (!this.#memory) return;
    const chosen = { columns, rows, shifted, ...part };
    remember(this.#memory, chosen);
    this.#look(chosen);
  }

  /** @param {Tiling} tiling */
  #look({ columns, rows, shifted }) {
    this.#lens.repeat(columns, rows);
    this.#lens.shift(shifted);
  }

  /** @param {1 | -1} way 1 is closer, -1 is farther. */
  zoom(way) {
    const room = this.#roomOf();
    if (room) this.#lens.zoomBy(CLOSER ** way, room);
  }

  /**
   * The page fills the screen, and what is seen of it are the picture, its controls, and what the page has to say.
   * False where this is not what one looks at, or the browser knows of no full screen.
   */
  toggleFullScreen() {
    if (!document.fullscreenEnabled || !this.#host.closest("main")?.checkVisibility()) return false;
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

  /**
   * Moves what is seen: across and down are -1, 0 or 1. False where there is nothing to move.
   * @param {number} across
   * @param {number} down
   */
  move(across, down) {
    const room = this.#roomOf();
    if (!room || !this.#lens.canPan(room)) return false;
    this.#lens.pan(room, -across * STEP * room.width, -down * STEP * room.height);
    return true;
  }

  /**
   * Repeats the tile so many times; once where it is repeated so many times already.
   * @param {number} times
   */
  tile(times) {
    const { columns, rows } = this.#lens;
    const wanted = times === columns && times === rows ? 1 : times;
    this.#choose({ columns: wanted, rows: wanted });
    if (this.#memory) announce(`The tile, ${wanted} by ${wanted}`);
  }

  /** Shifts the tile by half of itself, or back. */
  shift() {
    this.#choose({ shifted: !this.#lens.shifted });
    if (this.#memory) announce(this.#lens.shifted ? "Offset by half: the seams are in the middle" : "No offset");
  }
}
