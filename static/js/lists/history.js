// All that was made, newest first: comparisons and single jobs, searched, named, and dealt with one by one or together.

import { render } from "../../vendor/preact.js";
import { signal } from "../../vendor/signals.js";
import { $, find } from "../kit/dom.js";
import { html } from "../kit/html.js";
import { announce, attempt, complain } from "../kit/notices.js";
import { addressOf } from "../state/addresses.js";
import { withRequest } from "../state/apart.js";
import * as api from "../state/api.js";
import { facts } from "../state/catalogue.js";
import { isUnfinished } from "../state/rows.js";
import { leave } from "./cards.js";
import { nameOf } from "./history-card.js";
import { HistoryScreen } from "./history-screen.js";

/** @import { Jobs } from "../state/jobs.js" */
/** @import { Job } from "../types" */

const PAGE = 24; // entries asked for at a time
const PATIENCE = 250; // ms after the last key before the search begins
const NOTHING = { text: "", method: "", state: "", starred: "" };
const WRITTEN = { text: "q", method: "method", state: "state", starred: "starred" }; // their names in the address

/** What an address asks for, or "" where there is no such thing to ask for. */
function taken(name, value) {
  if (name === "state" && !facts.states.some((state) => state.name === value)) return "";
  if (name === "starred" && value !== "true") return "";
  return name === "text" ? value.slice(0, facts.limits.searched) : value;
}

/** Sorts the newest first; negative where `one` is newer. */
const byAge = (one, other) => other.created.localeCompare(one.created) || other.id.localeCompare(one.id);

export class HistoryPage {
  entries = signal([]);
  expires = signal({}); // by the id of an entry: when it goes by itself
  next = signal(null); // the entry before which there are more, or null
  wanted = signal(NOTHING);
  busy = signal(true); // until there is an answer
  problem = signal(null); // in words, where there is nothing else to show
  chosen = signal(new Set()); // ids of entries
  hasHad = false; // whether there ever was an entry, as far as this page knows
  renaming = signal(null); // the id of the entry that is given a name
  #answered = ""; // what the entries are the answer to
  #question = null; // only the answer to the last one counts
  #anchor = null; // where a range of chosen entries begins
  #clock = null;

  /**
   * @param {Jobs} jobs
   * @param act - {reuse(entry), remove(entry), removeSeveral(entries)}: what the buttons of a card do.
   */
  constructor(jobs, form, act) {
    this.jobs = jobs;
    this.form = form;
    this.act = act;
    jobs.addEventListener("row", ({ detail }) => this.#row(detail));
    jobs.addEventListener("removed", ({ detail }) => this.drop(detail.id));
    addEventListener("keydown", (event) => this.#key(event));
    render(html`<${HistoryScreen} page=${this} />`, $("history-room"));
  }

  /** A job with the request that leads to it. */
  withRequest(row) {
    return withRequest(row, (one) => this.form.requestOf(one));
  }

  get #isOpen() {
    return !$("history").hidden;
  }

  open() {
    const asked = new URLSearchParams(location.pathname === addressOf("history") ? location.search : "");
    const words = Object.entries(WRITTEN).map(([name, written]) => [name, taken(name, asked.get(written) ?? "")]);
    this.wanted.value = /** @type {typeof NOTHING} */ (Object.fromEntries(words));
    return this.fetch();
  }

  close() {
    clearTimeout(this.#clock);
    this.#question = null;
    this.chosen.value = new Set();
    this.renaming.value = null;
  }

  /** Look for something else: at once, or after some `patience` while somebody types. */
  want(change, patience = false) {
    clearTimeout(this.#clock);
    this.wanted.value = { ...this.wanted.value, ...change };
    if (patience) this.#clock = setTimeout(() => this.#search(), PATIENCE);
    else this.#search();
  }

  wantAll() {
    this.want(NOTHING);
    $("history").focus({ preventScroll: true });
  }

  /** What is asked for goes into the address, and to the server. */
  #search() {
    const asked = Object.entries(this.#asked).map(([name, value]) => [WRITTEN[name], value]);
    const query = new URLSearchParams(asked);
    const here = addressOf("history");
    const address = query.size ? `${here}?${query}` : here;
    if (location.pathname + location.search !== address) history.replaceState(null, "", address);
    return this.fetch();
  }

  get #asked() {
    return Object.fromEntries(
      Object.entries(this.wanted.value)
        .map(([name, value]) => [name, value.trim()])
        .filter(([, value]) => value),
    );
  }

  /** The newest entries; those that were fetched further down stay where they follow on these. */
  async fetch() {
    const asked = JSON.stringify(this.#asked);
    if (this.#answered !== asked) this.#show([], null);
    this.#answered = asked;
    const answer = await this.#ask({});
    if (!answer) return;
    const last = answer.entries.at(-1);
    const follows = answer.next !== null && answer.entries.some(({ id }) => this.#entry(id));
    const further = follows ? this.entries.value.filter((one) => byAge(last, one) < 0) : [];
    this.#show([...answer.entries, ...further], further.length ? this.next.value : answer.next);
    const count = this.entries.value.length;
    if (asked !== "{}") announce(count === 1 ? "1 entry found" : `${count} entries found`);
  }

  async fetchEarlier() {
    const known = this.entries.value.length;
    const answer = await this.#ask({ before: this.next.value });
    if (!answer) return;
    this.#show([...this.entries.value, ...answer.entries], answer.next);
    requestAnimationFrame(() =>
      find(`.card:nth-child(${known + 1}) .card-open`, $("history"))?.focus({ preventScroll: true }),
    );
  }

  /** An answer, or null where it failed or another question has been asked since. */
  async #ask(more) {
    const question = (this.#question = {});
    this.busy.value = true;
    this.problem.value = null;
    try {
      const answer = await api.history({ limit: PAGE, ...this.#asked, ...more });
      if (question !== this.#question) return null;
      this.expires.value = { ...this.expires.value, ...answer.expires };
      return answer;
    } catch (problem) {
      if (question === this.#question) this.#fail(problem.message);
      return null;
    } finally {
      if (question === this.#question) this.busy.value = false;
    }
  }

  #fail(words) {
    if (this.entries.value.length) complain(words);
    else this.problem.value = words;
  }

  #show(entries, next) {
    this.hasHad ||= entries.length > 0;
    this.entries.value = entries.map((entry) => this.#newest(entry));
    this.next.value = next;
    const ids = new Set(entries.map(({ id }) => id));
    this.chosen.value = new Set([...this.chosen.value].filter((id) => ids.has(id)));
  }

  /** With what was told of its jobs while the server's answer was on its way. */
  #newest(entry) {
    const told = (job) => this.jobs.rows.get(job.id) ?? job;
    return { ...entry, jobs: entry.jobs.map((job) => (told(job).seq > job.seq ? told(job) : job)) };
  }

  /** An entry is gone. */
  drop(id) {
    if (!this.#entry(id)) return;
    leave($("history"), [id], $("history"));
    this.#show(
      this.entries.value.filter((entry) => entry.id !== id),
      this.next.value,
    );
  }

  /** Something has come back, or is new: where it belongs, the server knows. */
  refresh() {
    if (this.#isOpen) this.fetch();
  }

  #entry(id) {
    return this.entries.value.find((entry) => entry.id === id);
  }

  #change(id, change) {
    this.entries.value = this.entries.value.map((entry) => (entry.id === id ? { ...entry, ...change } : entry));
  }

  #row({ row, before }) {
    if (!this.#isOpen) return;
    const entry = this.#entry(row.comparison ?? row.id);
    if (!entry) return void (!before && isUnfinished(row) && this.refresh());
    const marks = entry.kind === "job" ? { name: row.name, star: row.star } : {};
    this.#change(entry.id, { jobs: entry.jobs.map((job) => (job.id === row.id ? row : job)), ...marks });
  }

  // --- names and stars

  /** A name that was typed; null where it was not meant. */
  rename(entry, name) {
    if (this.renaming.value !== entry.id) return;
    this.renaming.value = null;
    if (name !== null && name.trim() !== (entry.name ?? "")) this.#mark(entry, { name });
  }

  /** Once the card is drawn anew. */
  focusCard(id) {
    requestAnimationFrame(() => find(`.card[data-id="${id}"] .card-open`, $("history"))?.focus());
  }

  star(entry) {
    this.#mark(entry, { star: !entry.star });
  }

  async #mark({ kind, id }, marks) {
    const marked = await attempt(() => api.mark(kind, id, marks));
    if (!marked) return;
    this.#change(id, { name: marked.name, star: marked.star });
    if (kind === "comparison") this.jobs.setName(id, marked.name);
    else if (this.jobs.rows.has(id)) this.jobs.setRow(/** @type {Job} */ (marked));
    const entry = this.#entry(id);
    if (!entry) return; // it has left the list meanwhile
    announce("name" in marks ? `Named ${nameOf(entry)}.` : marked.star ? "Starred." : "Star removed.");
  }

  // --- several at once

  get chosenEntries() {
    return this.entries.value.filter(({ id }) => this.chosen.value.has(id));
  }

  /** Choose an entry, or no longer; with `range` also all between it and the one before. */
  choose(id, range = false) {
    const ids = this.entries.value.map((entry) => entry.id);
    const chosen = new Set(this.chosen.value);
    const wanted = !chosen.has(id);
    const from = range && ids.includes(this.#anchor) ? this.#anchor : id;
    const [first, last] = [ids.indexOf(from), ids.indexOf(id)].sort((one, other) => one - other);
    for (const one of ids.slice(first, last + 1)) chosen[wanted ? "add" : "delete"](one);
    this.#anchor = id;
    this.chosen.value = chosen;
  }

  chooseAll() {
    this.chosen.value = new Set(this.entries.value.map(({ id }) => id));
  }

  chooseNone() {
    this.chosen.value = new Set();
  }

  /** Delete what is chosen, if the entry is among it; else the entry alone. */
  remove(id) {
    if (this.chosen.value.has(id)) return this.removeChosen();
    return this.act.remove(this.#entry(id));
  }

  removeChosen() {
    const [entries, most] = [this.chosenEntries, facts.limits.together];
    if (entries.length > most) return announce(`At most ${most} at a time.`);
    const ids = entries.map(({ id }) => id);
    if (document.activeElement?.closest(".card")) leave($("history"), ids, $("history"));
    else $("history").focus({ preventScroll: true });
    return entries.length === 1 ? this.act.remove(entries[0]) : this.act.removeSeveral(entries);
  }

  #key(event) {
    if (!this.#isOpen || document.querySelector("dialog[open]") || event.defaultPrevented) return;
    if (event.key === "Escape" && this.chosen.value.size) this.chooseNone();
    const typing = event.target.closest?.("input:not([type=checkbox]), select");
    if (event.key !== "a" || !(event.ctrlKey || event.metaKey) || typing || !this.entries.value.length) return;
    event.preventDefault();
    this.chooseAll();
  }
}
