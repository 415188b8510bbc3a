// The trained models: sample from them, animate them, train them further, bring one as a file.

import { render } from "../../vendor/preact.js";
import { signal } from "../../vendor/signals.js";
import { $, find } from "../kit/dom.js";
import { html } from "../kit/html.js";
import { announce, clearComplaints, complain } from "../kit/notices.js";
import { when, whole } from "../kit/words.js";
import { addressOf } from "../state/addresses.js";
import * as api from "../state/api.js";
import { objectionToModel, sendModel } from "../state/model-upload.js";
import { isTrained, usesOf } from "../state/moves.js";
import { exemplarOf } from "../state/names.js";
import { Act, Card, Download, Icon, cardKeys, leave } from "./cards.js";
import { methodTitle } from "./history-card.js";

/** @import { Jobs } from "../state/jobs.js" */

// What a model is for: how its button looks, and what it says to those who cannot see the card.
const USES = {
  sample: ["picture", "Sample…", (name) => `Sample from the model of ${name}`],
  walk: ["loop", "Animate…", (name) => `Animate the model of ${name}`],
  stylise: ["picture", "Stylise a picture…", (name) => `Stylise a picture with the model of ${name}`],
};

/** The place of a model that is still on its way. */
function Arriving({ name, sent }) {
  const share = sent < 1 ? `${Math.floor(100 * sent)} % sent` : "Sent; being checked…";
  return html`<li class="card arriving">
    <${Icon} name="upload" /><strong>${name}</strong>
    <progress max="1" value=${sent} aria-label=${`Sending ${name}`}></progress><span class="hint">${share}</span>
  </li>`;
}

function ModelCard({ row, shelf }) {
  const [name, method] = [row.name ?? exemplarOf(row), methodTitle(row.method)];
  const steps = row.number ? `${whole(row.number)} ${row.number === 1 ? "step" : "steps"} · ` : "";
  const made = new Date(row.created);
  return html`<${Card}
    id=${row.id}
    href=${addressOf("job", row.id)}
    place="job"
    label=${`Open the training of ${name}: ${method}`}
    rows=${[row]}
    jobs=${shelf.jobs}
    name=${html`<strong title=${name}>${name}</strong>`}
    lines=${[method, shelf.form.settingsOf(row)]}
    state=${row.state}
    standing=${`${steps}${when(made)}`}
    made=${made.toLocaleString("en-GB")}
    expires=${shelf.expires.value[row.id]}
    open=${() => shelf.jobs.setRow(row)}
  >
    ${usesOf(row).map((use) => {
      const [icon, words, label] = USES[use];
      const onClick = () => shelf.act[use](shelf.newest(row));
      return html`<${Act} icon=${icon} words=${words} label=${label(name)} kind="plain" onClick=${onClick} />`;
    })}
    <span class="card-break"></span>
    <${Act}
      icon="more"
      words="Continue training…"
      label=${`Continue training the model of ${name}`}
      onClick=${() => shelf.act.further(shelf.newest(row))}
    />
    <${Download} href=${api.modelPath(row.id)} label=${`Download the model of ${name}`} />
    <${Act}
      icon="trash"
      kind="quiet bin"
      label=${`Delete the model of ${name}`}
      onClick=${() => shelf.act.remove(row)}
    />
  <//>`;
}

const NONE = "No model yet. A method that trains a generator leaves one here; or drop a .safetensors file.";

/** What is said where there is no model. */
function Note({ shelf }) {
  const problem = shelf.problem.value;
  if (!problem && (shelf.rows.value === null || shelf.rows.value.length || shelf.coming.value.length)) return null;
  const way = problem
    ? html`<button type="button" class="plain" onClick=${() => shelf.fetch()}>Try again</button>`
    : html`<a class="button primary" href=${addressOf("new")} data-place="new">Train one</a>`;
  return html`<div class="gallery-note" id="models-note">
    <p>${problem ?? NONE}</p>
    ${way}
  </div>`;
}

function ModelsScreen({ shelf }) {
  return html`<ul class="cards" id="model-cards" onKeyDown=${cardKeys({ Delete: (id) => shelf.remove(id) })}>
      ${shelf.coming.value.map((one) => html`<${Arriving} key=${one.key} ...${one} />`)}
      ${shelf.rows.value?.map((row) => html`<${ModelCard} key=${row.id} row=${row} shelf=${shelf} />`)}
    </ul>
    <${Note} shelf=${shelf} />`;
}

export class ModelShelf {
  rows = signal(null); // null until they have come
  expires = signal({}); // by the id of a job: when it goes by itself
  coming = signal([]); // {key, name, sent} of each file that is on its way
  problem = signal(null); // in words, where there is nothing else to show
  #question = null; // only the answer to the last one counts
  #sent = 0; // files so far

  /**
   * @param {Jobs} jobs
   * @param act - {sample(row), walk(row), stylise(row), further(row), remove(row)}: what the buttons of a card do.
   */
  constructor(jobs, form, act) {
    this.jobs = jobs;
    this.form = form;
    this.act = act;
    $("model-choose").addEventListener("click", () => $("model-file").click());
    $("model-file").addEventListener("change", () => {
      const [file] = $("model-file").files;
      if (file) this.bring(file);
      $("model-file").value = ""; // so that the same file can be chosen again
    });
    jobs.addEventListener("row", ({ detail: { row, before } }) => {
      const isKnown = this.rows.value?.some(({ id }) => id === row.id);
      if (isTrained(row) && (!isKnown || (before && before.state !== row.state))) this.refresh();
    });
    jobs.addEventListener("removed", ({ detail }) => this.drop(detail.id));
    render(html`<${ModelsScreen} shelf=${this} />`, $("models-room"));
  }

  open() {
    return this.fetch();
  }

  close() {
    this.#question = null;
  }

  refresh() {
    if (!$("models").hidden) this.fetch();
  }

  /** The row as it is now. */
  newest(row) {
    return this.rows.value.find(({ id }) => id === row.id) ?? row;
  }

  remove(id) {
    const row = this.rows.value.find((one) => one.id === id);
    if (row) this.act.remove(row);
  }

  /** A file that was chosen or dropped. Resolves to the model's row, or null where it was refused. */
  async bring(file) {
    clearComplaints(); // what they say is of an earlier file
    const reason = objectionToModel(file);
    if (reason) return void complain(reason);
    const key = (this.#sent += 1);
    const tell = (sent) => (this.coming.value = [{ key, name: file.name, sent }, ...this.#comingBut(key)]);
    tell(0);
    try {
      const row = await sendModel(file, tell);
      this.jobs.setRow(row);
      await this.fetch();
      requestAnimationFrame(() => find(`.card[data-id="${row.id}"] .card-open`, $("models"))?.focus());
      announce(`The model of ${exemplarOf(row)} is under Models now.`);
    } catch (problem) {
      complain(`${file.name}: ${problem.message.replace(/^file: /, "")}`);
    } finally {
      this.coming.value = this.#comingBut(key);
    }
  }

  #comingBut(key) {
    return this.coming.value.filter((one) => one.key !== key);
  }

  async fetch() {
    const question = (this.#question = {});
    this.problem.value = null;
    try {
      const { jobs, expires } = await api.models();
      if (question !== this.#question) return;
      this.expires.value = expires;
      this.rows.value = jobs;
    } catch (problem) {
      if (question === this.#question) this.#fail(problem.message);
    }
  }

  #fail(words) {
    if (this.rows.value?.length) complain(words);
    else this.problem.value = words;
  }

  drop(id) {
    if (!this.rows.value?.some((row) => row.id === id)) return;
    leave($("models"), [id], $("models"));
    this.rows.value = this.rows.value.filter((row) => row.id !== id);
  }
}
