// The iterations of a job: a slider through the pictures that are kept of them, which plays, and an animation to download.

import { $, iconAddress, write } from "../kit/dom.js";
import { complain } from "../kit/notices.js";
import { whole } from "../kit/words.js";
import * as api from "../state/api.js";
import { Track } from "./track.js";

/** @import { Job } from "../types" */

const PACE = 3000; // ms: how often a running job is asked which pictures there are
const BEAT = 100; // ms for which a picture is seen while they play

const wait = (time) => new Promise((resolve) => setTimeout(resolve, time));

export class Iterations {
  #hold;
  /** @type {Job | null} */
  #row = null;
  #track = new Track();
  #asked = 0;
  #turn = 0; // grows with each picture that is asked for: one that comes after another was asked for is late
  /** @type {object | null} */
  #playing = null; // a new one for each time that it plays

  /** @param {(bitmap: ImageBitmap | null) => void} hold is given what is to be seen; null: what the job looks like now. */
  constructor(hold) {
    this.#hold = hold;
    $("iterations-place").addEventListener("input", () => this.#choose());
    $("iterations-play").addEventListener("click", () => (this.#playing ? this.#halt() : this.#play()));
  }

  /**
   * At the end of a job's.
   * @param {Job} row
   */
  open(row) {
    this.#playing = null;
    this.#turn += 1;
    this.#track = new Track();
    this.#row = row;
    $("iterations-download").href = api.iterationsPath(row.id);
    this.#paint();
    this.#ask();
  }

  /**
   * The job has changed.
   * @param {Job} row
   */
  follow(row) {
    const before = this.#row;
    if (row.id !== before?.id) return undefined; // it is opened when it is shown
    this.#row = row;
    if (row.number < before.number) return this.#startOver();
    const due = row.state === "running" && Date.now() - this.#asked >= PACE;
    if (due || row.state !== before.state) this.#ask();
    return this.#paint();
  }

  #startOver() {
    this.#hold(null);
    this.open(this.#row);
  }

  async #ask() {
    const [row, track] = [this.#row, this.#track];
    this.#asked = Date.now();
    if (row.number < 2) return;
    try {
      track.set(await api.iterations(row.id));
    } catch {
      return; // what is wrong with the server is told elsewhere
    }
    if (track === this.#track) this.#paint();
  }

  // --- moving ---

  #choose() {
    this.#playing = null;
    this.#track.place = Number($("iterations-place").value);
    this.#paint();
    this.#show();
  }

  /** Shows the picture that is looked at, once it has come. */
  async #show() {
    this.#turn += 1;
    const [turn, { number }] = [this.#turn, this.#track];
    const bitmap = number === null ? null : await this.#fetch(number);
    if (turn === this.#turn && (bitmap || number === null)) this.#hold(bitmap);
  }

  async #fetch(number) {
    try {
      return await api.bitmap(api.iterationPath(this.#row.id, number));
    } catch (problem) {
      if (problem.status !== 404) complain(problem.message); // a running job has removed it
      return null;
    }
  }

  async #play() {
    const playing = {};
    this.#playing = playing;
    if (this.#track.number === null) this.#track.advance();
    while (this.#playing === playing && $("iterations").checkVisibility()) {
      this.#paint();
      await Promise.all([this.#show(), wait(BEAT)]);
      if (this.#track.number === null) break;
      if (this.#playing === playing) this.#track.advance();
    }
    if (this.#playing === playing) this.#halt();
  }

  #halt() {
    this.#playing = null;
    this.#paint();
  }

  // --- what is seen of it ---

  get #words() {
    const { number, total, state } = this.#row;
    if (this.#track.number === null && state === "running") return "Live";
    const at = whole(this.#track.number ?? number);
    return total ? `Iteration ${at} of ${whole(total)}` : `Iteration ${at}`;
  }

  #paint() {
    const { end, place } = this.#track;
    const playing = this.#playing !== null;
    $("iterations").hidden = end === 0 || this.#row.number === 0;
    $("iterations-place").max = String(end);
    $("iterations-place").value = String(place);
    $("iterations-place").setAttribute("aria-valuetext", this.#words);
    write($("iterations-words"), this.#words);
    $("iterations-play").setAttribute("aria-pressed", String(playing));
    $("iterations-icon").setAttribute("href", iconAddress(playing ? "pause" : "play"));
  }
}
