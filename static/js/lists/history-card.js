// One card of the history: a comparison with its runs, or a job that belongs to none.

import { html } from "../kit/html.js";
import { capital, taken, title, when } from "../kit/words.js";
import { addressOf } from "../state/addresses.js";
import { facts, methodOf } from "../state/catalogue.js";
import { titleOf } from "../state/names.js";
import { foremost, percent, settings, stateWord } from "../state/rows.js";
import { Act, Card } from "./cards.js";

/** "Done in 1:20" for one job; "2 of 3 done" for the runs of a comparison. */
function standing(rows) {
  const [row] = rows;
  if (!row) return "No runs left"; // each was deleted by itself
  if (rows.length > 1) {
    const done = rows.filter(({ state }) => state === "done").length;
    return done === rows.length ? "All done" : `${done} of ${rows.length} done`;
  }
  if (row.state === "done") return `Done in ${taken(row.seconds)}`;
  return row.state === "running" ? `Running ${percent(row)} %` : stateWord(row.state);
}

// Methods that paint with a model, and that the form does not offer.
export const PAINTINGS = {
  sample: "Sample of a model",
  walk: "Animation from a model",
  stylise: "Stylised by a model",
};

export const methodTitle = (method) => PAINTINGS[method] ?? methodOf(method)?.title ?? title(method);

const shortTitle = (method) => (method in PAINTINGS ? "Painted by a model" : methodTitle(method));

/** "Neural statistics ×2 · Spatial GAN" */
function methodsOf(rows) {
  const counts = new Map();
  for (const { method } of rows) counts.set(method, (counts.get(method) ?? 0) + 1);
  return [...counts].map(([method, count]) => shortTitle(method) + (count > 1 ? ` ×${count}` : "")).join(" · ");
}

/** What an entry is called after its picture. */
const plainName = ({ kind, exemplar, jobs }) => (kind === "job" ? titleOf({ ...jobs[0], name: null }) : exemplar);

/** What an entry is called: by its owner, or else after its picture. */
export const nameOf = (entry) => entry.name ?? plainName(entry);

/** What sets a job apart from the usual: "Draft · size 128 · seed 3". */
const settingsOf = ({ request }) => capital(settings(request).join(" · ") || "standard");

function begin(field) {
  field?.focus();
  field?.select();
}

/** Where a name is given: Enter and leaving keep it, Esc does not. */
function NameField({ entry, page }) {
  const end = (text) => page.rename(entry, text);
  const endByKey = (text) => {
    end(text);
    page.focusCard(entry.id);
  };
  const keys = (event) => {
    event.stopPropagation();
    if (event.key === "Enter") endByKey(event.target.value);
    if (event.key === "Escape") endByKey(null);
  };
  return html`<input
    type="text"
    class="card-name"
    aria-label=${`Name of ${nameOf(entry)}`}
    maxlength=${facts.limits.name}
    placeholder=${plainName(entry)}
    defaultValue=${entry.name ?? ""}
    ref=${begin}
    onKeyDown=${keys}
    onBlur=${(event) => end(event.target.value)}
  />`;
}

/** @param {{ entry: any, page: any, apart: string[] }} about - apart: settings in which its neighbours differ from it */
export function EntryCard({ entry, page, apart }) {
  const { kind, id, jobs: rows, created } = entry;
  const single = kind === "job";
  const [plain, made] = [nameOf(entry), new Date(created)];
  const name = [plain, ...(entry.name ? [] : apart)].join(" · "); // by which one tells it from its neighbours
  const methods = methodsOf(rows);
  const set = single ? [settingsOf(page.withRequest(rows[0]))] : [];
  const starred = single ? 0 : rows.filter(({ star }) => star).length;
  const stars = starred ? [`${starred} starred ${starred > 1 ? "runs" : "run"}`] : [];
  const given = entry.name ? [plainName(entry)] : [];
  const isChosen = page.chosen.value.has(id);
  const head =
    page.renaming.value === id
      ? html`<${NameField} entry=${entry} page=${page} />`
      : html`<strong title=${name}>${name}</strong>`;
  const over = html`
    <input
      type="checkbox"
      class="card-choose"
      aria-label=${`Select ${name}`}
      checked=${isChosen}
      onClick=${(event) => page.choose(id, event.shiftKey)}
    />
    <${Act}
      icon="star"
      kind="card-star"
      label=${`Star ${name}`}
      aria-pressed=${String(entry.star)}
      onClick=${() => page.star(entry)}
    />
  `;
  return html`<${Card}
    id=${id}
    href=${addressOf(kind, id)}
    place=${kind}
    label=${`Open ${single ? name : `the comparison of ${name}`}: ${methods}, ${when(made)}`}
    rows=${rows}
    jobs=${page.jobs}
    name=${head}
    lines=${[[...given, methods].join(" · "), ...set, ...stars]}
    state=${foremost(rows) ?? "cancelled"}
    standing=${`${standing(rows)} · ${when(made)}`}
    made=${made.toLocaleString("en-GB")}
    expires=${page.expires.value[id]}
    chosen=${isChosen}
    open=${() => rows.forEach((row) => page.jobs.setRow(row)) /* it may be too old for the page's own list */}
    over=${over}
  >
    <${Act}
      icon="reuse"
      words="Reuse settings"
      label=${`Reuse settings of ${name}`}
      onClick=${() => page.act.reuse(entry)}
    />
    <${Act} icon="pen" label=${`Rename ${name}`} onClick=${() => (page.renaming.value = id)} />
    <${Act} icon="trash" kind="quiet bin" label=${`Delete ${name}`} onClick=${() => page.act.remove(entry)} />
  <//>`;
}
