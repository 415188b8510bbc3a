// All that was made, newest first: comparisons and single jobs, searched by exemplar and method.

import { $, element } from "../kit/dom.js";
import { announce, complain } from "../kit/notices.js";
import { title } from "../kit/words.js";
import { addressOf } from "../state/addresses.js";
import * as api from "../state/api.js";
import { isUnfinished } from "../state/rows.js";
import { listenForCardKeys, takeOut, tellExpiry } from "./cards.js";
import { EntryCard } from "./history-card.js";

/** @import { Jobs } from "../state/jobs.js" */

const PAGE = 24; // entries asked for at a time
const PATIENCE = 250; // ms after the last key before the search begins
// Methods that the form does not offer.
const PAINTINGS = { sample: "Sample of a model", walk: "Animation from a model", stylise: "Stylised by a model" };

/** Sorts the newest first; negative where `one` is newer. */
const byAge = (one, other) => other.created.localeCompare(one.created) || other.id.localeCompare(one.id);

export class HistoryPage {
  #jobs;
  #form;
  #act;
  #cards = new Map(); // id of an entry -> its card
  #next = null; // the entry before which there are more, or null
  #query = ""; // what the cards are the answer to
  #turn = 0; // grows with each question to the server: only the answer to the last one counts
  #clock = null;

  /**
   * @param {Jobs} jobs
   * @param act - {reuse(entry), remove(entry)}: what the buttons of a card do.
   */
  constructor(jobs, form, act) {
    this.#jobs = jobs;
    this.#form = form;
    this.#act = {
      ...act,
      nameOf: (method) => (method in PAINTINGS ? "Painted by a model" : this.#titleOf(method)),
      settingsOf: (row) => form.settingsOf(row),
      open: (rows) => rows.forEach((row) => jobs.setRow(row)), // it may be too old for the page's own list
    };
    this.#listen();
    jobs.addEventListener("row", ({ detail }) => this.#row(detail));
    jobs.addEventListener("removed", ({ detail }) => this.drop(detail.id));
    jobs.addEventListener("picture", ({ detail }) => this.#picture(detail.id));
  }

  #listen() {
    $("history-exemplar").addEventListener("input", () => {
      clearTimeout(this.#clock);
      this.#clock = setTimeout(() => this.#search(), PATIENCE);
    });
    $("history-method").addEventListener("change", () => this.#search());
    $("history-search").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#search();
    });
    $("history-more").addEventListener("click", () => this.#earlier());
    listenForCardKeys($("history-cards"), (id) => this.#act.remove(this.#cards.get(id).entry));
  }

  get #isOpen() {
    return !$("history").hidden;
  }

  open() {
    const asked = new URLSearchParams(location.pathname === addressOf("history") ? location.search : "");
    $("history-exemplar").value = asked.get("q") ?? "";
    this.#offerMethods(asked.get("method") ?? "");
    $("history").focus({ preventScroll: true });
    return this.#fetch();
  }

  close() {
    clearTimeout(this.#clock);
    this.#turn += 1;
  }

  #offerMethods(chosen) {
    const names = new Set([...this.#form.methodNames, ...Object.keys(PAINTINGS), chosen].filter(Boolean));
    const options = [...names].map((name) => element("option", { value: name }, this.#titleOf(name)));
    $("history-method").replaceChildren(element("option", { value: "" }, "Any method"), ...options);
    $("history-method").value = chosen;
  }

  #titleOf(method) {
    return PAINTINGS[method] ?? this.#form.method(method)?.title ?? title(method);
  }

  /** {exemplar, method}, only what is asked for. */
  get #wanted() {
    const wanted = { exemplar: $("history-exemplar").value.trim(), method: $("history-method").value };
    return Object.fromEntries(Object.entries(wanted).filter(([, value]) => value));
  }

  /** What is asked for goes into the address, and to the server. */
  #search() {
    clearTimeout(this.#clock);
    const { exemplar: q, method } = this.#wanted;
    const query = new URLSearchParams({ ...(q && { q }), ...(method && { method }) });
    const here = addressOf("history");
    const address = query.size ? `${here}?${query}` : here;
    if (location.pathname + location.search !== address) history.replaceState(null, "", address);
    return this.#fetch();
  }

  /** The newest entries; those that were fetched further down stay where the question is the same. */
  async #fetch() {
    const query = JSON.stringify(this.#wanted);
    if (query !== this.#query) this.#clear();
    this.#query = query;
    const answer = await this.#ask({});
    if (!answer) return;
    const last = answer.entries.at(-1);
    const further = answer.next === null ? [] : this.#entries.filter((one) => byAge(last, one) < 0);
    this.#show([...answer.entries, ...further], further.length ? this.#next : answer.next);
    this.#tellExpiry(answer);
    const count = this.#cards.size;
    if (query !== "{}") announce(count === 1 ? "1 entry found" : `${count} entries found`);
  }

  async #earlier() {
    const known = this.#cards.size;
    const answer = await this.#ask({ before: this.#next });
    if (!answer) return;
    this.#show([...this.#entries, ...answer.entries], answer.next);
    this.#tellExpiry(answer);
    [...this.#cards.values()][known]?.node.querySelector(".card-open").focus({ preventScroll: true });
  }

  /** An answer, or null where it failed or another question has been asked since. */
  async #ask(more) {
    this.#turn += 1;
    const turn = this.#turn;
    $("history-cards").setAttribute("aria-busy", "true");
    try {
      const answer = await api.history({ limit: PAGE, ...this.#wanted, ...more });
      return turn === this.#turn ? answer : null;
    } catch (problem) {
      if (turn === this.#turn) this.#fail(problem);
      return null;
    } finally {
      if (turn === this.#turn) $("history-cards").setAttribute("aria-busy", "false");
    }
  }

  #fail(problem) {
    if (this.#cards.size) return complain(problem.message);
    const again = element("button", { type: "button", class: "plain", onclick: () => this.#fetch() }, "Try again");
    return this.#note(problem.message, again);
  }

  get #entries() {
    return [...this.#cards.values()].map(({ entry }) => entry);
  }

  #clear() {
    this.#cards.clear();
    $("history-cards").replaceChildren();
    $("history-more").hidden = true;
    $("history-note").hidden = true;
  }

  #show(entries, next) {
    this.#next = next;
    this.#cards = new Map(entries.map((entry) => [entry.id, this.#cardOf(entry)]));
    const nodes = [...this.#cards.values()].map(({ node }) => node);
    const list = $("history-cards");
    if (nodes.length !== list.children.length || nodes.some((node, at) => node !== list.children[at]))
      list.replaceChildren(...nodes);
    $("history-more").hidden = next === null;
    this.#showEmpty();
  }

  #tellExpiry({ entries, expires }) {
    for (const { id } of entries) tellExpiry(this.#cards.get(id).node, expires[id]);
  }

  /** The card that there is, so that focus and scrolling stay; a new one where the runs are others. */
  #cardOf(entry) {
    const before = this.#cards.get(entry.id);
    const fresh = this.#newest(entry);
    if (!before?.holds(fresh)) return new EntryCard(fresh, this.#act);
    before.tell(fresh);
    return before;
  }

  /** With what was told of its jobs while the server's answer was on its way. */
  #newest(entry) {
    const told = (job) => this.#jobs.rows.get(job.id) ?? job;
    return { ...entry, jobs: entry.jobs.map((job) => (told(job).seq > job.seq ? told(job) : job)) };
  }

  #showEmpty() {
    if (this.#cards.size) return void ($("history-note").hidden = true);
    const { exemplar, method } = this.#wanted;
    const make = element(
      "a",
      { class: "button primary", href: addressOf("new"), "data-place": "new" },
      "Make a texture",
    );
    if (!exemplar && !method) return this.#note("Nothing has been made here yet.", make);
    const of = exemplar ? ` from a source texture called “${exemplar}”` : "";
    const by = method ? ` with ${this.#titleOf(method)}` : "";
    const all = element(
      "button",
      { type: "button", class: "plain", onclick: () => this.#showAll() },
      "Show everything",
    );
    return this.#note(`Nothing was made${of}${by}.`, all);
  }

  #showAll() {
    $("history-exemplar").value = "";
    $("history-method").value = "";
    $("history-exemplar").focus();
    return this.#search();
  }

  #note(words, way) {
    $("history-note").replaceChildren(element("p", {}, words), way);
    $("history-note").hidden = false;
  }

  /** An entry is gone. */
  drop(id) {
    const card = this.#cards.get(id);
    if (!card) return;
    this.#cards.delete(id);
    takeOut(card.node, $("history"));
    this.#showEmpty();
  }

  /** Something has come back, or is new: where it belongs, the server knows. */
  refresh() {
    if (this.#isOpen) this.#fetch();
  }

  #row({ row, before }) {
    if (!this.#isOpen) return;
    const card = this.#cards.get(row.comparison ?? row.id);
    if (card) card.tellJob(row);
    else if (!before && isUnfinished(row)) this.refresh();
  }

  #picture(id) {
    if (!this.#isOpen) return;
    const card = this.#cards.get(this.#jobs.rows.get(id).comparison ?? id);
    card?.paint(id, this.#jobs.pictures.get(id).bitmap);
  }
}
