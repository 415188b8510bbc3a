// The controls of the lens in the bar of a comparison: tiling, zoom, and what keys do to them.

import { $, choiceOf, valueOf, write } from "../kit/dom.js";
import { announce } from "../kit/notices.js";

const CLOSER = 1.25; // by so much a key or a button zooms
const STEP = 0.15; // by such a part of a panel an arrow key moves

export class LensBar {
  #lens;
  #roomOf;

  /** @param roomOf says the room of a panel, or null where there is none: keys have no pointer, and so no panel. */
  constructor(lens, roomOf) {
    this.#lens = lens;
    this.#roomOf = roomOf;
    lens.addEventListener("change", () => this.show());
    new ResizeObserver(() => this.show()).observe($("runs"));
    $("comparison-tiling").addEventListener("change", (event) => lens.setRepeat(valueOf(event)));
    $("zoom-in").addEventListener("click", () => this.closer());
    $("zoom-out").addEventListener("click", () => this.farther());
    $("zoom-fit").addEventListener("click", () => this.fit());
    $("zoom-true").addEventListener("click", () => lens.showTruePixels());
  }

  show() {
    const room = this.#roomOf();
    write($("zoom-word"), room ? `${Math.round(100 * this.#lens.scaleIn(room))} %` : "");
    $("zoom-fit").setAttribute("aria-pressed", String(this.#lens.zoom === null));
    $("zoom-true").setAttribute("aria-pressed", String(this.#lens.zoom === 1));
  }

  closer() {
    const room = this.#roomOf();
    if (room) this.#lens.zoomBy(CLOSER, room);
  }

  farther() {
    const room = this.#roomOf();
    if (room) this.#lens.zoomBy(1 / CLOSER, room);
  }

  fit() {
    this.#lens.fit();
  }

  /** Moves what is seen: across and down are -1, 0 or 1. False where there is nothing to move. */
  move(across, down) {
    const room = this.#roomOf();
    if (!room || !this.#lens.canPan(room)) return false;
    return this.#lens.pan(room, -across * STEP * room.width, -down * STEP * room.height);
  }

  tile(times) {
    choiceOf($("comparison-tiling"), times).checked = true;
    this.#lens.setRepeat(times);
    announce(`The tiles, ${times} by ${times}`);
  }
}
