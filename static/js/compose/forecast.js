// What Start would take: time and memory, above the button, as the settings are. Before an hour's work it asks.

import { $, write } from "../kit/dom.js";
import { same } from "../kit/schema.js";
import { capital, roughly } from "../kit/words.js";
import * as api from "../state/api.js";

const CALM = 250; // ms without a change, before the server is asked
const AGAIN = 2000; // ms until it is asked again, while it measures the machine
const LITTLE = 1e8; // bytes; less matters to nobody
const MEASURING = "Measuring this machine, to tell how long it will take…";

const timeWords = (seconds) => (seconds === null ? "" : `about ${roughly(seconds)}`);

/** {seconds, memory} in words; "" where nothing is known. */
function words({ seconds, memory, runs, measuring }) {
  if (measuring) return MEASURING;
  const time =
    seconds === null ? "" : `${capital(timeWords(seconds))}${runs.length > 1 ? ` for ${runs.length} runs` : ""}`;
  const room = memory >= LITTLE ? `${(memory / 1e9).toFixed(1)} GB of memory` : "";
  return [time, room].filter(Boolean).join(" · ");
}

export class Forecast {
  #plan;
  #form;
  #timer = null;
  #turn = 0; // grows with each question: an answer that comes after the next one was asked is of old settings

  /**
   * @param plan gives {images, runs} as Start would start them, or null.
   * @param form whose presets are told how long they take.
   * @param sources whose "change" changes that.
   */
  constructor(plan, form, sources) {
    this.#plan = plan;
    this.#form = form;
    for (const source of sources) source.addEventListener("change", () => this.#soon(CALM));
  }

  /** Whether to start these runs: a person is asked where it would take an hour or more. */
  async allows(plan) {
    const told = await api.forecast(plan).catch(() => null); // what is wrong with it, starting it will say
    if (!told?.long) return true;
    $("long-words").textContent = `It will take about ${roughly(told.seconds)} of this machine’s time.`;
    const dialog = $("long");
    dialog.returnValue = "";
    dialog.showModal();
    await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
    return dialog.returnValue === "start";
  }

  #soon(pause) {
    clearTimeout(this.#timer);
    this.#turn += 1; // what is being answered is of the settings before
    this.#timer = setTimeout(() => this.#ask(), pause);
  }

  async #ask() {
    this.#turn += 1;
    const turn = this.#turn;
    const plan = this.#plan();
    const presets = this.#form.presetRuns;
    const told = plan && (await api.forecast({ ...plan, instead: presets }).catch(() => null));
    if (turn !== this.#turn) return;
    write($("forecast"), told ? words(told) : "");
    const isForms = told && same(plan.runs[0], this.#form.request()); // and not a run of the tray
    this.#form.setSeeded(isForms ? (told.runs[0]?.seeded ?? true) : true);
    this.#form.timePresets(new Map(told?.instead.map(({ seconds }, at) => [presets[at].preset, timeWords(seconds)])));
    if (told?.measuring) this.#soon(AGAIN);
  }
}
