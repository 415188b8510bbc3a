// The head of a comparison: what it is, what can be done with all of it, and what can be taken away.

import { $, write } from "../kit/dom.js";
import { when } from "../kit/words.js";
import * as api from "../state/api.js";
import { facts } from "../state/catalogue.js";
import { movesOf } from "../state/moves.js";

/** @type {["sheet-link" | "table-link" | "curves-link", string][]} */
const FILES = [
  ["sheet-link", "sheet.png"],
  ["table-link", "table.csv"],
  ["curves-link", "curves.csv"],
];

export const isPausable = (row) => movesOf(row).includes("pause");
export const isPaused = (row) => movesOf(row).includes("resume");

const count = (rows, state) => rows.filter((row) => row.state === state).length;

/** "3 runs · 2 running · 1 done" */
function standing(rows) {
  const runs = `${rows.length} ${rows.length === 1 ? "run" : "runs"}`;
  const states = facts.states.filter(({ name }) => count(rows, name));
  return [runs, ...states.map(({ name, title }) => `${count(rows, name)} ${title.toLowerCase()}`)].join(" · ");
}

/** @param comparison - {id, exemplar, name, own, kept, created}; @param rows of its runs. */
export function showHead({ id, exemplar, name, own, kept, created }, rows) {
  const [title, given] = [name ?? exemplar, name ? [exemplar] : []];
  write($("comparison-title"), title);
  write(
    $("comparison-subtitle"),
    [...given, standing(rows), kept ? when(new Date(created)) : "side by side"].join(" · "),
  );
  document.title = `${standing(rows)} · ${title} · Texture Lab`;
  $("guest-note").hidden = own;
  $("add-run").hidden = $("share-open").hidden = !own || !kept;
  $("pause-all").hidden = !own || !rows.some(isPausable);
  $("resume-all").hidden = !own || !rows.some(isPaused);
  for (const [link, file] of FILES) $(link).href = api.comparisonFile(id, file);
}

/** Instead of the panels: why there are none. @param words may be "", where there are. */
export function showReason(words) {
  $("comparison-empty").hidden = !words;
  write($("comparison-nothing"), words);
}

/** Nothing is known of the comparison, for this reason. */
export function showNothing(words) {
  $("comparison").dataset.empty = "true";
  showReason(words);
  write($("comparison-title"), "Comparison");
  write($("comparison-subtitle"), "");
}
