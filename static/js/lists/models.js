// The shelf of trained models: sample from them, walk through them, train them further, bring one as a file.

import { $, element, icon, write } from "../kit/dom.js";
import { announce, clearComplaints, complain } from "../kit/notices.js";
import { title, when, whole } from "../kit/words.js";
import { addressOf } from "../state/addresses.js";
import * as api from "../state/api.js";
import { objectionToModel, sendModel } from "../state/model-upload.js";
import { isTrained, usesOf } from "../state/moves.js";
import { exemplarOf } from "../state/names.js";
import { action, card, download, listenForCardKeys, mosaic, takeOut, tellExpiry } from "./cards.js";

/** @import { Jobs } from "../state/jobs.js" */

// What a model is for: how its button looks, and what it says to those who cannot see the card.
const USES = {
  sample: ["picture", "Sample…", (name) => `Sample from the model of ${name}`],
  walk: ["loop", "Animate…", (name) => `Animate the model of ${name}`],
  stylise: ["picture", "Stylise a picture…", (name) => `Stylise a picture with the model of ${name}`],
};

/** The place of a model that is still on its way. */
function arriving(name) {
  const bar = element("progress", { max: 1, value: 0, "aria-label": `Sending ${name}` });
  const share = element("span", { class: "hint" }, "Sending…");
  const node = element("li", { class: "card arriving" }, icon("upload"), element("strong", {}, name), bar, share);
  const tell = (sent) => {
    bar.value = sent;
    write(share, sent < 1 ? `${Math.floor(100 * sent)} % sent` : "Sent; being checked…");
  };
  return { node, tell };
}

export class ModelShelf {
  #jobs;
  #form;
  #act;
  #cards = new Map(); // id -> element
  #rows = new Map();
  #turn = 0;

  /**
   * @param {Jobs} jobs
   * @param act - {sample(row), walk(row), stylise(row), further(row), remove(row)}: what the buttons of a card do.
   */
  constructor(jobs, form, act) {
    this.#jobs = jobs;
    this.#form = form;
    this.#act = act;
    $("model-choose").addEventListener("click", () => $("model-file").click());
    $("model-file").addEventListener("change", () => {
      const [file] = $("model-file").files;
      if (file) this.bring(file);
      $("model-file").value = ""; // so that the same file can be chosen again
    });
    listenForCardKeys($("model-cards"), (id) => this.#rows.has(id) && this.#act.remove(this.#rows.get(id)));
    jobs.addEventListener("row", ({ detail: { row, before } }) => {
      const fresh = !this.#rows.has(row.id) || (before && before.state !== row.state);
      if (isTrained(row) && fresh) this.refresh();
    });
    jobs.addEventListener("removed", ({ detail }) => this.drop(detail.id));
  }

  open() {
    $("models").focus({ preventScroll: true });
    return this.#fetch();
  }

  close() {
    this.#turn += 1;
  }

  refresh() {
    if (!$("models").hidden) this.#fetch();
  }

  /** A file that was chosen or dropped. Resolves to the model's row, or null where it was refused. */
  async bring(file) {
    clearComplaints(); // what they say is of an earlier file
    const reason = objectionToModel(file);
    if (reason) return void complain(reason);
    const { node, tell } = arriving(file.name);
    $("model-cards").prepend(node);
    $("models-note").hidden = true;
    try {
      const row = await sendModel(file, tell);
      node.remove();
      this.#jobs.setRow(row);
      await this.#fetch();
      this.#cards.get(row.id)?.querySelector(".card-open").focus();
      announce(`The model of ${exemplarOf(row)} is under Models now.`);
    } catch (problem) {
      node.remove();
      this.#showEmpty();
      complain(`${file.name}: ${problem.message.replace(/^file: /, "")}`);
    }
  }

  async #fetch() {
    this.#turn += 1;
    const turn = this.#turn;
    try {
      const { jobs, expires } = await api.models();
      if (turn === this.#turn) this.#show(jobs, expires);
    } catch (problem) {
      if (turn === this.#turn) this.#fail(problem);
    }
  }

  #fail(problem) {
    if (this.#rows.size) return complain(problem.message);
    const again = element("button", { type: "button", class: "plain", onclick: () => this.#fetch() }, "Try again");
    return this.#note(problem.message, again);
  }

  #show(rows, expires) {
    const before = this.#cards;
    this.#rows = new Map(rows.map((row) => [row.id, row]));
    this.#cards = new Map(rows.map((row) => [row.id, before.get(row.id) ?? this.#make(row)]));
    const coming = [...$("model-cards").querySelectorAll(".arriving")];
    const nodes = [...coming, ...this.#cards.values()];
    if (nodes.some((node, at) => node !== $("model-cards").children[at])) $("model-cards").replaceChildren(...nodes);
    for (const [id, node] of before) if (!this.#cards.has(id)) node.remove();
    for (const row of rows) this.#tell(this.#cards.get(row.id), row, expires[row.id]);
    this.#showEmpty();
  }

  #make(row) {
    const name = exemplarOf(row);
    const method = this.#form.method(row.method)?.title ?? title(row.method);
    return card({
      id: row.id,
      href: addressOf("job", row.id),
      place: "job",
      label: `Open the training of ${name}: ${method}`,
      pictures: mosaic([row]),
      source: row.images.source ?? null,
      name,
      words: [method, this.#form.settingsOf(row)],
      open: () => this.#jobs.setRow(row),
      actions: this.#actions(row, name),
    });
  }

  #actions(row, name) {
    const act = (what) => () => this.#act[what](this.#rows.get(row.id) ?? row);
    const uses = usesOf(row).map((use) => {
      const [picture, words, label] = USES[use];
      return action(picture, words, label(name), act(use), "plain");
    });
    return [
      ...uses,
      element("span", { class: "card-break" }),
      action("more", "Continue training…", `Continue training the model of ${name}`, act("further")),
      download(api.modelPath(row.id), `Download the model of ${name}`),
      action("trash", "", `Delete the model of ${name}`, act("remove"), "quiet bin"),
    ];
  }

  #tell(node, row, moment) {
    tellExpiry(node, moment);
    node.dataset.state = row.state;
    const steps = row.number ? `${whole(row.number)} ${row.number === 1 ? "step" : "steps"} · ` : "";
    write(node.querySelector(".card-state span:last-child"), `${steps}${when(new Date(row.created))}`);
  }

  #showEmpty() {
    if ($("model-cards").childElementCount) return void ($("models-note").hidden = true);
    const make = element("a", { class: "button primary", href: addressOf("new"), "data-place": "new" }, "Train one");
    return this.#note(
      "No model yet. A method that trains a generator leaves one here; or drop a .safetensors file.",
      make,
    );
  }

  #note(words, way) {
    $("models-note").replaceChildren(element("p", {}, words), way);
    $("models-note").hidden = false;
  }

  drop(id) {
    const node = this.#cards.get(id);
    if (!node) return;
    this.#cards.delete(id);
    this.#rows.delete(id);
    takeOut(node, $("models"));
    this.#showEmpty();
  }
}
