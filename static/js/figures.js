// The numbers beside the picture.

import { element, write } from "./dom.js";
import { clock, duration, extent, figure, times, title, whole } from "./words.js";

const WINDOW = 3; // seconds of work over which the speed is taken

/** Steps a second: over the last seconds while it runs, over all of it afterwards. */
export function speed(row, points) {
  const last = points.at(-1);
  if (row.state === "running" && last) {
    const since = points.findLast((point) => last.seconds - point.seconds >= WINDOW) ?? points[0];
    if (last.seconds > since.seconds) return (last.number - since.number) / (last.seconds - since.seconds);
  }
  return row.seconds > 0 ? row.number / row.seconds : null;
}

function seamWords(row) {
  const { seam: ratio, seam_limit: limit } = row.metrics ?? {};
  if (row.params.tile === "none") return ["–", "no tiling"];
  if (ratio === undefined || limit === undefined) return ["–", ""];
  return [ratio.toFixed(2), ratio <= limit ? "seamless" : "exact; it meets an edge"];
}

function lossWords(row) {
  const losses = Object.entries(row.losses ?? {});
  if (!losses.length) return ["–", ""];
  return [
    figure(losses[0][1]),
    losses
      .slice(1)
      .map(([name, value]) => `${name} ${figure(value)}`)
      .join(" · "),
  ];
}

function left(row) {
  if (row.state === "running") return row.eta === null ? "…" : duration(row.eta);
  return row.state === "paused" ? "paused" : "–";
}

function entries(row, points) {
  const rate = speed(row, points);
  return [
    ["Step", whole(row.number), row.total ? `of ${whole(row.total)}` : ""],
    ["Steps a second", rate === null ? "–" : figure(rate), ""],
    ["Elapsed", clock(row.seconds), ""],
    ["Time left", left(row), ""],
    ["Loss", ...lossWords(row)],
    ["Seam ratio", ...seamWords(row)],
  ];
}

/** Fills the list, keeping its elements from one time to the next. */
export function showFigures(list, row, points) {
  const wanted = entries(row, points);
  if (list.childElementCount !== wanted.length) {
    const cell = ([name]) =>
      element("div", {}, element("dt", {}, name), element("dd", {}, element("span"), element("small")));
    list.replaceChildren(...wanted.map(cell));
  }
  wanted.forEach(([, value, note], index) => {
    const [main, small] = list.children[index].querySelector("dd").children;
    write(main, value);
    write(small, note);
  });
}

function asText(value) {
  if (value === null) return "automatic";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

export function showRecipe(list, row, methodTitle) {
  const params = Object.entries(row.params).map(([name, value]) => {
    return [title(name), name === "size" ? times(extent(value)) : asText(value)];
  });
  const pairs = [["Method", methodTitle], ...params];
  list.replaceChildren(...pairs.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]));
}
