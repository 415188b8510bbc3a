// What this session has on the server's disk, beside its quotas: a button in the lists, and the dialogue that it opens.

import { closeByBackdrop } from "../kit/dialogs.js";
import { $, element, tell } from "../kit/dom.js";
import { attempt, banner } from "../kit/notices.js";
import { bytes, whole } from "../kit/words.js";
import * as api from "../state/api.js";

const NEARLY = 0.9; // share of a quota from which it is marked

const days = (number) => (number === 1 ? "a day" : `${number} days`);

const of = (count, most) => (most === null ? whole(count) : `${whole(count)} of ${whole(most)}`);

const isNear = (count, most) => most !== null && count >= NEARLY * most;

/** A line of the table: what there is, how many, how much. */
function line(name, { count, most = null, bytes: size = 0 }, about = "") {
  const title = element("th", { scope: "row" }, name, about && element("small", {}, about));
  const number = element("td", { class: isNear(count, most) ? "near" : "" }, of(count, most));
  return element("tr", {}, title, number, element("td", {}, size ? bytes(size) : "–"));
}

function lines(usage) {
  return [
    line("Pictures", usage.pictures),
    line("Jobs", usage.jobs),
    line("Models", usage.models),
    line("In the queue", { count: usage.queued, most: usage.most_queued }),
    line("Deleted", usage.trash, "does not count"),
  ];
}

/** How long things are kept, a sentence each. */
function rules({ keep_days: keep, trash_days: trash, unused_days: unused }) {
  const ended = keep
    ? `What has ended is deleted ${days(keep)} later, unless it is shared.`
    : "Jobs, comparisons and models are kept until you delete them.";
  return [
    ended,
    `What is deleted is removed for good after ${days(trash)}.`,
    `A picture that nothing uses is removed ${days(unused)} after its upload.`,
  ];
}

const lowWords = ({ disk_free: free }) =>
  `The server’s disk is nearly full: ${bytes(free ?? 0)} are left. Delete what you do not need.`;

export class Storage {
  #buttons = [...document.querySelectorAll(".storage-open")];

  /** @param removal whose events say that something was deleted, or has come back. */
  constructor(removal) {
    closeByBackdrop($("storage"));
    for (const button of this.#buttons) button.addEventListener("click", () => this.open());
    for (const event of ["gone", "back"]) removal.addEventListener(event, () => this.refresh());
  }

  async open() {
    const usage = await attempt(api.usage);
    if (!usage) return;
    this.#show(usage);
    $("storage").showModal();
    (await import("./workers.js")).showWorkers();
  }

  /** Ask again; that it fails is told by what else the page asks for. */
  async refresh() {
    const usage = await api.usage().catch(() => null);
    if (usage) this.#show(usage);
  }

  #show(usage) {
    const share = Math.min(1, usage.bytes / usage.most_bytes);
    const words = `${bytes(usage.bytes)} of ${bytes(usage.most_bytes)}`;
    for (const button of this.#buttons) button.querySelector("span").textContent = words;
    $("storage-words").textContent = words;
    $("storage-bar").value = share;
    $("storage-bar").classList.toggle("near", share >= NEARLY);
    $("storage-lines").replaceChildren(...lines(usage));
    $("storage-rules").replaceChildren(...rules(usage).map((rule) => element("li", {}, rule)));
    tell($("storage-low"), usage.disk_low ? lowWords(usage) : null);
    this.#warn(usage);
  }

  #warn(usage) {
    if (!usage.disk_low) return banner("disk");
    const look = element("button", { type: "button", class: "plain", onclick: () => this.open() }, "What I have there");
    return banner("disk", "", element("p", {}, lowWords(usage)), look);
  }
}
