// The numbers beside the picture.

import { element, write } from "../kit/dom.js";
import { clock, figure, roughly, whole } from "../kit/words.js";
import { settingWords } from "../state/catalogue.js";
import { inWords, meaningOf, measured } from "../state/metrics.js";
import { isMaterial, isPainting, isTile, sizeWords, unitOf } from "../state/rows.js";
import { metricTitle } from "../state/runs.js";

const WINDOW = 3; // seconds of work over which the speed is taken

/** Steps per second: over the last seconds while it runs, over all of it afterwards. */
function speed(row, points) {
  const last = points.at(-1);
  if (row.state === "running" && last) {
    const since = points.findLast((point) => last.seconds - point.seconds >= WINDOW) ?? points[0];
    if (last.seconds > since.seconds) return (last.number - since.number) / (last.seconds - since.seconds);
  }
  return row.seconds > 0 ? row.number / row.seconds : null;
}

function seamWords(row) {
  const { seam: ratio, seam_limit: limit } = row.metrics ?? {};
  if (row.params.tile === "none") return ["–", "off"];
  if (ratio === undefined || limit === undefined) return ["–", ""];
  return ["✓", ratio <= limit ? "" : "exact, on an edge of the picture"];
}

/** Their total, or the first of them, and what else there is; each with its name where there are several. */
function lossWords({ losses }) {
  const { total, ...parts } = losses ?? {};
  const [first, ...rest] = Object.entries(parts);
  if (!first) return ["–", ""];
  const named = rest.map(([name, value]) => `${name} ${figure(value)}`);
  if (total !== undefined) return [figure(total), [`${first[0]} ${figure(first[1])}`, ...named].join(" · ")];
  return [figure(first[1]), named.length ? [first[0], ...named].join(" · ") : ""];
}

function left(row) {
  if (row.state === "running") return row.eta === null ? "…" : roughly(row.eta);
  return row.state === "paused" ? "paused" : "–";
}

/** A job that may work for a time, and not for a number of steps, counts the time. */
function timeWords(row) {
  const budget = row.total === null && row.params.minutes ? `of ${clock(60 * row.params.minutes)}` : "";
  return [clock(row.seconds), budget];
}

/** Each metric that has been measured, beside its baseline. */
function metricEntries(row) {
  return measured(row).map((name) => {
    const baseline = row.baselines?.[name];
    const note = baseline === undefined ? "" : `source against itself ${inWords(name, baseline)}`;
    return [metricTitle(name), inWords(name, row.metrics[name]), note, meaningOf(name)];
  });
}

/** [[what, value, note, meaning]]: meaning is a sentence for somebody who does not know the word, or missing. */
function entries(row, points) {
  const rate = speed(row, points);
  return [
    [unitOf(row), whole(row.number), row.total ? `of ${whole(row.total)}` : ""],
    [`${unitOf(row)}s per second`, rate === null ? "–" : figure(rate), ""],
    ["Compute time", ...timeWords(row)],
    ["Time left", left(row), ""],
    ...(isPainting(row) || isMaterial(row) ? [] : [["Loss", ...lossWords(row)]]),
    ...(row.method === "walk" || !isTile(row) || isMaterial(row) ? [] : [["Seamless", ...seamWords(row)]]), // a walk has many
    ...(isMaterial(row) ? [] : metricEntries(row)), // its picture is the one that it was given
  ];
}

/** What a figure is called; with a meaning, that shows when it is pointed at or has the focus. */
function nameCell(name, meaning) {
  if (!meaning) return element("dt", {}, name);
  const id = `meaning-${name.toLowerCase().replaceAll(" ", "-")}`;
  const word = element("button", { type: "button", class: "explained", "aria-describedby": id }, name);
  return element("dt", {}, word, element("span", { class: "meaning", role: "tooltip", id }, meaning));
}

/** Fills the list, keeping its elements from one time to the next. */
export function showFigures(list, row, points) {
  const wanted = entries(row, points);
  const names = wanted.map(([name]) => name).join();
  if (list.dataset.names !== names) {
    list.dataset.names = names;
    const cell = (name, meaning) =>
      element("div", {}, nameCell(name, meaning), element("dd", {}, element("span"), element("small")));
    list.replaceChildren(...wanted.map(([name, , , meaning]) => cell(name, meaning)));
  }
  wanted.forEach(([, value, note], index) => {
    const [main, small] = list.children[index].querySelector("dd").children;
    write(main, value);
    write(small, note);
  });
}

export function showRecipe(list, row, methodTitle) {
  const params = Object.entries(row.params).map(([name, value]) => {
    return name === "size" && value ? ["Size", sizeWords(row)] : settingWords(row.method, name, value);
  });
  const pairs = [["Method", methodTitle], ...params];
  list.replaceChildren(...pairs.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]));
}
