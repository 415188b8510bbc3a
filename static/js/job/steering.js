// What a person does with a job: pause, resume, cancel, retry, download, sample from it, delete.

import { $, find, write } from "../kit/dom.js";
import { announce, attempt } from "../kit/notices.js";
import { once } from "../kit/lazy.js";
import * as api from "../state/api.js";
import { neighbourInQueue, possible, queueOf } from "../state/moves.js";
import { titleOf } from "../state/names.js";
import { WITH_RESULT, stateWord } from "../state/rows.js";
import { chosen } from "./transport.js";

/** @import { Jobs } from "../state/jobs.js" */

const COPIED = 2000; // ms for which the button says that it has worked
const PENDING = { pause: "Pausing…", resume: "Resuming…", cancel: "Cancelling…", retry: "Starting…" };
const NO_JOB = "No job is open.";
const FIRST = "It is already the first of yours in the queue.";
const TOO_EARLY = "There is nothing to download yet. Pause the job, or wait until it is done.";

/** The button says what it waits for, until others take its place. Returns how to undo that. */
function showPending(what) {
  const button = find(`#actions [data-what="${what}"]`);
  const words = button?.querySelector("span");
  if (!words) return () => {};
  const before = words.textContent;
  const say = (text, pending) => {
    words.textContent = text;
    button.setAttribute("aria-busy", String(pending));
  };
  say(PENDING[what], true);
  return () => say(before, false);
}

export class Steering {
  #jobs;
  #view;
  #sampling;
  #removal;
  #starting;
  #sheet = once(async () => new (await import("./sheet-dialog.js")).Sheet());
  #isMoving = false; // in the queue, by a key
  #asked = new Map(); // id -> the state in which something was last asked for, and the seq of the answer

  /**
   * @param {Jobs} jobs
   * @param sampling fetches the dialogue of what a model paints
   */
  constructor(jobs, view, sampling, removal, starting) {
    this.#jobs = jobs;
    this.#view = view;
    this.#sampling = sampling;
    this.#removal = removal;
    this.#starting = starting;
    /** @param {any} event told by the sliders of a material */
    const anew = ({ detail }) => starting.makeAnew(jobs.current, detail);
    $("preview").addEventListener("tuned", anew);
  }

  /** pause, resume, cancel or retry the job shown, or another; nothing where its state does not allow that. */
  async control(what, row = this.#jobs.current) {
    if (!row || !possible(row).includes(what) || this.#isUnderWay(row)) return;
    this.#asked.set(row.id, { state: row.state, seq: Infinity });
    const undo = row === this.#jobs.current ? showPending(what) : () => {};
    const answer = await attempt(() => api.control(row.id, what));
    if (!answer) undo();
    this.#asked.set(row.id, { state: row.state, seq: answer?.seq ?? 0 });
    // A job that stops leaves its picture a moment later, and the news of that brings the row.
    if (answer && !WITH_RESULT.includes(answer.state)) this.#jobs.setRow(answer);
  }

  /** Whether the last wish for this job has not shown yet: pressing again and again is one wish. */
  #isUnderWay({ id, state, seq }) {
    const asked = this.#asked.get(id);
    return asked?.state === state && seq <= asked.seq;
  }

  /** What the button of that name does. */
  act(what) {
    const row = this.#jobs.current;
    const others = {
      copy: () => this.copy(),
      sheet: () => this.sheet(),
      play: () => this.#view.stage.loop.toggle(),
      halt: () => this.#view.stage.loop.toggle(),
      sample: () => this.#sampling((dialog) => dialog.open("sample", row)),
      walk: () => this.#sampling((dialog) => dialog.open("walk", row)),
      stylise: () => this.#sampling((dialog) => dialog.open("stylise", row)),
      again: () => this.#sampling((dialog) => dialog.again(row)),
      another: () => this.#sampling((dialog) => dialog.reuse(row)),
      further: () => this.#starting.trainFurther(row),
      first: () => this.runFirst(row),
      material: () => this.#starting.makeMaterial(row),
      mend: () => this.#starting.mend(row),
      larger: () => this.#starting.continueLarger(row, chosen("larger")),
    };
    return what in others ? others[what]() : this.control(what);
  }

  /** Put a job that waits before another one. */
  async putBefore(id, other) {
    const row = id === other ? null : await attempt(() => api.moveAhead(id, other));
    if (!row) return;
    this.#jobs.setRow(row);
    announce(`${titleOf(row)}: ${row.place ? `place ${row.place} in the queue` : stateWord(row.state).toLowerCase()}.`);
  }

  /** Put a job that waits before all others of this session. */
  runFirst(row) {
    const [first] = queueOf(this.#jobs.list());
    if (!first || first.place === row.place) return announce(FIRST);
    return this.putBefore(row.id, first.id);
  }

  /** Put a job that waits one place before (-1) or behind (1) where it is, among those of this session. */
  async moveInQueue(row, way) {
    const queue = queueOf(this.#jobs.list());
    const other = neighbourInQueue(queue, row, way);
    if (!other) return announce(way < 0 ? FIRST : "It is already the last of yours in the queue.");
    if (this.#isMoving) return undefined; // by a key that is held
    this.#isMoving = true;
    const [one, next] = way < 0 ? [row, other] : [other, row];
    const moved = await attempt(() => api.moveAhead(one.id, next.id));
    this.#isMoving = false;
    return moved && this.#swap(queue, row, other, moved);
  }

  /** At once, so that the next key finds the new order; the server's own news of it comes a little later. */
  #swap(queue, row, other, moved) {
    this.#jobs.setRow(moved);
    const places = new Map([
      [row.place, other.place],
      [other.place, row.place],
    ]);
    for (const one of queue) if (places.has(one.place)) this.#jobs.setRow({ ...one, place: places.get(one.place) });
    announce(`${titleOf(row)}: place ${other.place} in the queue.`);
  }

  /** Pause or resume the job; play or stop a loop. */
  pauseOrResume() {
    const row = this.#jobs.current;
    if (!row) return;
    if (possible(row).includes("play")) this.#view.stage.loop.toggle();
    else this.control(row.state === "paused" ? "resume" : "pause");
  }

  download() {
    if (!this.#jobs.current) return announce(NO_JOB); // the buttons are still those of the job before
    const link = find('#actions :is([data-what="download"], [data-what="loop"])');
    return link ? link.click() : announce(TOO_EARLY);
  }

  /** Puts the picture on the clipboard, as a PNG; the button says when it is there. */
  async copy() {
    const { current } = this.#jobs;
    if (!current) return announce(NO_JOB);
    const word = find('#actions [data-what="copy"] span');
    if (!word) return undefined;
    const picture = new ClipboardItem({ "image/png": api.file(api.resultPath(current.id)) });
    const done = await attempt(() => navigator.clipboard.write([picture]).then(() => true));
    if (!done) return undefined;
    announce("The image is copied.");
    write(word, "Copied");
    return setTimeout(() => write(word, "Copy image"), COPIED);
  }

  async sheet() {
    const row = this.#jobs.current;
    if (!row) return;
    if (possible(row).includes("sheet"))
      (await this.#sheet())?.open(row, this.#view.stage.newest, titleOf(row).toLowerCase());
    else announce(TOO_EARLY);
  }

  remove(id) {
    return this.#removal.job(this.#jobs.rows.get(id));
  }
}
