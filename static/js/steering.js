// What a person does with a job: pause, resume, cancel, retry, download, delete.

import * as api from "./api.js";
import { $ } from "./dom.js";
import { nameOf } from "./exemplar.js";
import { announce, attempt } from "./notices.js";
import { Sheet } from "./sheet.js";
import { possible } from "./transport.js";
import { UNFINISHED, WITH_RESULT } from "./words.js";

const TOO_EARLY = "There is nothing to download yet. Pause the job, or wait until it is done.";

/** Resolves to whether the person is sure. */
function confirmRemoval(row) {
  const running = UNFINISHED.includes(row.state) ? "The job is stopped. " : "";
  $("confirm-heading").textContent = `Delete ${nameOf(row.images.source)}?`;
  $("confirm-text").textContent = `${running}Its picture and its curve are deleted for good.`;
  $("confirm").returnValue = "no";
  $("confirm").showModal();
  return new Promise((resolve) => {
    $("confirm").addEventListener("close", () => resolve($("confirm").returnValue === "yes"), { once: true });
  });
}

export class Steering {
  #jobs;
  #view;
  #navigation;
  #sheet = new Sheet();
  #asked = new Map(); // id -> the state in which something was last asked for, and the seq of the answer

  constructor(jobs, view, navigation) {
    this.#jobs = jobs;
    this.#view = view;
    this.#navigation = navigation;
  }

  /** pause, resume, cancel or retry the job shown; nothing where its state does not allow that. */
  async control(what) {
    const row = this.#jobs.current;
    if (!row || !possible(row).includes(what) || this.#isUnderWay(row)) return;
    this.#asked.set(row.id, { state: row.state, seq: Infinity });
    const answer = await attempt(() => api.control(row.id, what));
    this.#asked.set(row.id, { state: row.state, seq: answer?.seq ?? 0 });
    // A job that stops leaves its picture a moment later, and the news of that brings the row.
    if (answer && !WITH_RESULT.includes(answer.state)) this.#jobs.setRow(answer);
  }

  /** Whether the last wish for this job has not shown yet: pressing again and again is one wish. */
  #isUnderWay({ id, state, seq }) {
    const asked = this.#asked.get(id);
    return asked?.state === state && seq <= asked.seq;
  }

  act(what) {
    if (what === "sheet") this.sheet();
    else this.control(what);
  }

  pauseOrResume() {
    const row = this.#jobs.current;
    if (row) this.control(row.state === "paused" ? "resume" : "pause");
  }

  download() {
    const link = document.querySelector('#actions [data-what="download"]');
    if (link) link.click();
    else if (this.#jobs.current) announce(TOO_EARLY);
  }

  sheet() {
    const row = this.#jobs.current;
    if (!row) return;
    const name = nameOf(row.images.source).toLowerCase();
    if (possible(row).includes("sheet")) this.#sheet.open(row, this.#view.bitmap, name);
    else announce(TOO_EARLY);
  }

  async remove(id) {
    if (!(await confirmRemoval(this.#jobs.rows.get(id)))) return;
    const done = await attempt(() => api.remove(id));
    if (done) this.#navigation.removed(id);
  }
}
