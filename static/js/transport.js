// Where the job stands, and the buttons that fit its state.

import * as api from "./api.js";
import { $, element, icon, tell, withCode, write } from "./dom.js";
import { STATES, WITH_RESULT, clock, duration, percent, whole } from "./words.js";

const BUTTONS = {
  pause: { icon: "pause", words: "Pause", style: "plain" },
  resume: { icon: "play", words: "Resume", style: "primary" },
  cancel: { icon: "stop", words: "Cancel", style: "plain" },
  retry: { icon: "retry", words: "Retry", style: "primary" },
  download: { icon: "download", words: "Download tile", style: "plain" },
  soFar: { icon: "download", words: "Download so far", style: "plain" },
  sheet: { icon: "grid", words: "Sheet…", style: "plain" },
};

const FITTING = {
  queued: ["pause", "cancel"],
  running: ["pause", "cancel"],
  paused: ["resume", "cancel", "download", "sheet"],
  done: ["download", "sheet"],
  failed: ["retry"],
  cancelled: ["retry", "download", "sheet"],
};

/** What can be done with a job now. Without a step there is no picture to download. */
export function possible(row) {
  const fitting = FITTING[row.state];
  return row.number > 0 ? fitting : fitting.filter((what) => what !== "download" && what !== "sheet");
}

function fileName(row, name) {
  const plain = name
    .replace(/\.\w+$/, "")
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .toLowerCase();
  return `${plain}-${row.method}-${row.params.size ?? ""}-seed${row.params.seed ?? ""}.png`;
}

function makeButton(what, row, act, name) {
  const { icon: picture, words } = BUTTONS[what === "download" && row.state !== "done" ? "soFar" : what];
  const style = what === "download" && row.state === "done" ? "primary" : BUTTONS[what].style;
  const face = [icon(picture), element("span", {}, words)];
  if (what !== "download")
    return element("button", { type: "button", class: style, "data-what": what, onclick: () => act(what) }, ...face);
  return element(
    "a",
    { class: `button ${style}`, "data-what": what, href: api.resultPath(row.id), download: fileName(row, name) },
    ...face,
  );
}

function standingWords(row) {
  const steps = row.total
    ? `Step ${whole(row.number)} of ${whole(row.total)}`
    : row.number
      ? `Step ${whole(row.number)}`
      : "";
  const after = {
    queued: row.place === 1 ? "next in the queue" : row.place ? `place ${row.place} in the queue` : "in the queue",
    running: row.eta === null ? clock(row.seconds) : `${clock(row.seconds)} · about ${duration(row.eta)} left`,
    paused: "paused",
    done: `done in ${duration(row.seconds)}`,
    failed: "failed",
    cancelled: "cancelled",
  }[row.state];
  return [steps, steps ? ` · ${after}` : after.charAt(0).toUpperCase() + after.slice(1)];
}

export class Transport {
  #shown = "";
  #standing = [element("b"), element("span")];

  /** @param act is called with pause, resume, cancel, retry or sheet. */
  constructor(act) {
    this.act = act;
    $("standing").append(...this.#standing);
  }

  show(row, name) {
    this.#showButtons(row, name);
    const [steps, after] = standingWords(row);
    write(this.#standing[0], steps);
    write(this.#standing[1], after);
    this.#showProgress(row);
    const said = row.state === "failed" || row.state === "queued" || row.state === "running" ? row.message : null;
    this.#showMessage(row.state === "failed" ? said || "It failed, and the server did not say why." : said);
    $("message").classList.toggle("calm", row.state !== "failed");
    tell($("badge"), STATES[row.state]);
    $("badge").dataset.state = row.state;
  }

  #showMessage(text) {
    $("message").hidden = !text;
    if (text && $("message").textContent !== text.replaceAll("`", "")) $("message").replaceChildren(...withCode(text));
  }

  #showProgress(row) {
    const share = row.state === "done" ? 1 : row.total ? row.number / row.total : 0;
    $("progress-fill").style.transform = `scaleX(${share})`;
    $("progress").setAttribute("aria-valuemax", String(row.total ?? 100));
    $("progress").setAttribute("aria-valuenow", String(row.number));
    $("progress").setAttribute("aria-valuetext", `${percent(row)} %, ${STATES[row.state].toLowerCase()}`);
  }

  /** New buttons only when others fit, and the focus goes to what took the place of the one it was on. */
  #showButtons(row, name) {
    const wanted = possible(row);
    const key = `${row.id} ${row.state} ${wanted}`;
    if (key === this.#shown) return;
    const had = $("actions").contains(document.activeElement);
    const buttons = wanted.map((what) => makeButton(what, row, this.act, name));
    $("actions").replaceChildren(...buttons);
    if (had) buttons[0]?.focus();
    this.#shown = key;
  }
}

export const hasResult = (row) => WITH_RESULT.includes(row.state) && row.number > 0;
