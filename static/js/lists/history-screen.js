// What the history shows: the search, the cards, and what can be done with those that are chosen.

import { html } from "../kit/html.js";
import { addressOf, besides } from "../state/addresses.js";
import * as api from "../state/api.js";
import { apart } from "../state/apart.js";
import { facts, stateOf } from "../state/catalogue.js";
import { hasResult } from "../state/moves.js";
import { idsOf } from "../state/names.js";
import { Act, Download, Icon, cardKeys } from "./cards.js";
import { EntryCard, PAINTINGS, methodTitle, nameOf } from "./history-card.js";

function Choice({ id, label, any, value, options, onChange }) {
  return html`<label class="unseen" for=${id}>${label}</label>
    <select id=${id} value=${value} onChange=${(event) => onChange(event.target.value)}>
      <option value="">${any}</option>
      ${options.map(([name, words]) => html`<option value=${name}>${words}</option>`)}
    </select>`;
}

function Search({ page }) {
  const { text, method, state, starred } = page.wanted.value;
  const listed = facts.methods.filter((one) => one.listed).map(({ name }) => name);
  const methods = [...new Set([...listed, ...Object.keys(PAINTINGS), method])].filter(Boolean);
  const submit = (event) => {
    event.preventDefault();
    page.want({});
  };
  return html`<form class="gallery-search" role="search" aria-label="History" onSubmit=${submit}>
    <label class="unseen" for="history-text">Name, source texture, method or settings</label>
    <input
      type="search"
      id="history-text"
      placeholder="Search: clay, match, seed 3"
      maxlength=${facts.limits.searched}
      autocomplete="off"
      spellcheck="false"
      value=${text}
      onInput=${(event) => page.want({ text: event.target.value }, true)}
    />
    <${Choice}
      id="history-method"
      label="Method"
      any="Any method"
      value=${method}
      options=${methods.map((name) => [name, methodTitle(name)])}
      onChange=${(name) => page.want({ method: name })}
    />
    <${Choice}
      id="history-state"
      label="State"
      any="Any state"
      value=${state}
      options=${facts.states.map(({ name, title }) => [name, title])}
      onChange=${(name) => page.want({ state: name })}
    />
    <button
      type="button"
      class="quiet toggle"
      aria-label="Starred"
      aria-pressed=${String(Boolean(starred))}
      onClick=${() => page.want({ starred: starred ? "" : "true" })}
    >
      <${Icon} name="star" /><span>Starred</span>
    </button>
  </form>`;
}

/** What was asked for, in words. */
function inWords({ text, method, state, starred }) {
  const words = [
    text && `“${text}”`,
    method && methodTitle(method),
    state && stateOf(state).title,
    starred && "Starred",
  ];
  return words.filter(Boolean).join(" · ");
}

/** What is said where there are no cards. */
function Note({ page }) {
  const asked = inWords(page.wanted.value);
  if (page.entries.value.length || (page.busy.value && !page.problem.value)) return null;
  const [words, way] = page.problem.value
    ? [page.problem.value, html`<button type="button" class="plain" onClick=${() => page.fetch()}>Try again</button>`]
    : asked
      ? [
          `Nothing matches ${asked}.`,
          html`<button type="button" class="plain" onClick=${() => page.wantAll()}>Show everything</button>`,
        ]
      : [
          page.hasHad ? "Nothing left here." : "Nothing has been made here yet.",
          html`<a class="button primary" href=${addressOf("new")} data-place="new">Make a texture</a>`,
        ];
  return html`<div class="gallery-note" id="history-note">
    <p>${words}</p>
    ${way}
  </div>`;
}

/** A link to the runs of these entries, side by side; nothing where there is nothing to compare. */
function SideBySide({ entries }) {
  const ids = entries.flatMap(({ jobs }) => jobs.map(({ id }) => id));
  if (entries.length < 2 || ids.length < 2) return null;
  if (ids.length > facts.limits.runs) return html`<span>At most ${facts.limits.runs} runs can be compared</span>`;
  const words = "Compare the results side by side";
  return html`<a
    class="button plain"
    href=${addressOf("comparison", besides(ids))}
    data-place="comparison"
    aria-label=${words}
    title=${words}
  >
    <${Icon} name="wipe" /><span>Compare</span>
  </a>`;
}

/** What can be done with the entries that are chosen. */
function ChoiceBar({ page }) {
  const entries = page.chosenEntries;
  if (!entries.length) return null;
  const tooMany = entries.length > facts.limits.together;
  const results = entries.some(({ jobs }) => jobs.some((row) => hasResult(row)));
  const archive = api.resultsPath(idsOf(entries));
  return html`<div class="choice-bar" role="toolbar" aria-label="Selected">
    <output>${entries.length} selected${tooMany && `; at most ${facts.limits.together} at a time`}</output>
    <${SideBySide} entries=${entries} />
    ${results && !tooMany && html`<${Download} href=${archive} words="Download" label="Download the results as a ZIP file" kind="plain" />`}
    ${!tooMany && html`<${Act} icon="trash" words="Delete" kind="plain bin" label="Delete the selected" onClick=${() => page.removeChosen()} />`}
    <${Act} icon="close" label="Clear the selection" onClick=${() => page.chooseNone()} />
  </div>`;
}

/** The settings of an entry that a neighbour of the same name does not have. */
function apartFrom(entry, neighbours, page) {
  const asked = ({ jobs: [row] }) => page.withRequest(row);
  const alike = neighbours.filter((one) => one && one.kind === "job" && nameOf(one) === nameOf(entry));
  return entry.kind === "job" ? apart(asked(entry), alike.map(asked)) : [];
}

export function HistoryScreen({ page }) {
  const entries = page.entries.value;
  const keys = cardKeys({
    Delete: (id) => page.remove(id),
    F2: (id) => (page.renaming.value = id),
    " ": (id) => page.choose(id),
  });
  return html`<${Search} page=${page} />
    <ul
      class="cards"
      id="history-cards"
      aria-busy=${String(page.busy.value)}
      data-choosing=${page.chosen.value.size > 0}
      onKeyDown=${keys}
    >
      ${entries.map(
        (entry, at) =>
          html`<${EntryCard}
            key=${entry.id}
            entry=${entry}
            page=${page}
            apart=${apartFrom(entry, [entries[at - 1], entries[at + 1]], page)}
          />`,
      )}
    </ul>
    <${Note} page=${page} />
    <p class="gallery-more">
      <button
        type="button"
        class="plain"
        id="history-more"
        hidden=${page.next.value === null}
        onClick=${() => page.fetchEarlier()}
      >
        Load more
      </button>
    </p>
    <${ChoiceBar} page=${page} />`;
}
