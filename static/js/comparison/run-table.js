// The table of a comparison: a line for each run, sorted by whatever column one likes, which is remembered.

import { $, element, write } from "../kit/dom.js";
import { recall, remember } from "../kit/memory.js";
import { clock, whole } from "../kit/words.js";
import { inWords } from "../state/metrics.js";
import {
  USUAL_METRIC,
  bestOf,
  bytes,
  commonBaseline,
  differBySeedAlone,
  isHigherBetter,
  metricTitle,
  metricsOf,
  wallOf,
} from "../state/runs.js";
import { bestMark, inkMark } from "./run-panel.js";

/** The columns that these runs have: {name, title, value(run) to sort by, words(run), best, baseline}. */
function columnsOf(runs) {
  const rows = runs.map(({ row }) => row);
  const plain = [
    { name: "run", title: "Run", value: ({ ink }) => ink, words: ({ label }) => label },
    { name: "time", title: "Compute time", value: ({ row }) => row.seconds, words: ({ row }) => clock(row.seconds) },
    {
      name: "wall",
      title: "Elapsed",
      value: ({ row, points }) => wallOf(row, points),
      words: ({ row, points }) => clock(wallOf(row, points) ?? 0),
    },
    { name: "steps", title: "Steps", value: ({ row }) => row.number, words: ({ row }) => whole(row.number) },
  ];
  const metrics = metricsOf(rows).map((name) => ({
    name,
    title: metricTitle(name),
    value: ({ row }) => row.metrics?.[name],
    words: ({ row }) => (Number.isFinite(row.metrics?.[name]) ? inWords(name, row.metrics[name]) : "–"),
    best: bestOf(rows, name),
    baseline: commonBaseline(rows, name),
    own: ({ row }) => row.baselines?.[name],
  }));
  const memory = {
    name: "memory",
    title: "Memory",
    value: ({ row }) => row.memory,
    words: ({ row }) => bytes(row.memory),
  };
  return [...plain, ...metrics, memory];
}

const missing = (value) => value === null || value === undefined || Number.isNaN(value);

/** What is missing comes last, whichever way it is sorted. */
function inOrder(runs, column, way) {
  const compare = (one, other) => {
    const [a, b] = [column.value(one), column.value(other)];
    if (missing(a) || missing(b)) return Number(missing(a)) - Number(missing(b));
    return way * (typeof a === "string" ? a.localeCompare(b) : a - b) || one.ink - other.ink;
  };
  return [...runs].sort(compare);
}

/** Runs that differ by their seed alone are there to choose the best of them; of others, the order is the person's. */
const usualOrder = (rows) => ({ name: differBySeedAlone(rows) ? USUAL_METRIC : "run" });

/** Which way a column is sorted first: 1 is upwards. */
const firstWay = (name) => (isHigherBetter(name) ? -1 : 1);

export class RunTable {
  #chosen = recall("sorted", null); // {name, way} of the column that the person has chosen
  #onsort;
  #key = "";
  #heads = new Map(); // column's name -> its th
  #lines = new Map(); // run's id -> {node, cells}
  #body = element("tbody");
  #foot = element("tfoot");

  /** @param onsort is called when another order is asked for. */
  constructor(onsort) {
    this.#onsort = onsort;
  }

  /** The name of the metric by which these rows are compared: the one that they are sorted by, or the usual one. */
  metricFor(rows) {
    const { name } = this.#sorted(rows);
    return metricsOf(rows).includes(name) ? name : USUAL_METRIC;
  }

  #sorted(rows) {
    const { name, way } = this.#chosen ?? usualOrder(rows);
    return { name, way: way ?? firstWay(name) };
  }

  /**
   * @param runs [{id, label, ink, row, points}]
   * @returns the same in the order of the lines
   */
  show(runs) {
    const columns = columnsOf(runs);
    const key = columns.map(({ name }) => name).join();
    if (key !== this.#key) this.#make(columns);
    this.#key = key;
    return this.#fill(runs, columns);
  }

  #make(columns) {
    this.#lines.clear();
    this.#heads = new Map(columns.map((column) => [column.name, this.#head(column)]));
    const head = element("thead", {}, element("tr", {}, ...this.#heads.values()));
    this.#body = element("tbody");
    this.#foot = element("tfoot");
    $("run-table").replaceChildren(element("table", {}, head, this.#body, this.#foot));
  }

  #head({ name, title }) {
    const sort = () => {
      const ways = { ascending: -1, descending: 1 }; // the other way, where it is sorted by this one
      this.#chosen = { name, way: ways[this.#heads.get(name).getAttribute("aria-sort")] ?? firstWay(name) };
      remember("sorted", this.#chosen);
      this.#onsort();
    };
    return element(
      "th",
      { scope: "col", "data-column": name },
      element("button", { type: "button", onclick: sort }, title),
    );
  }

  #fill(runs, columns) {
    const sorted = this.#sorted(runs.map(({ row }) => row));
    const column = columns.find(({ name }) => name === sorted.name) ?? columns[0];
    for (const [name, head] of this.#heads) {
      if (name === column.name) head.setAttribute("aria-sort", sorted.way > 0 ? "ascending" : "descending");
      else head.removeAttribute("aria-sort");
    }
    const ordered = inOrder(runs, column, sorted.way);
    const lines = ordered.map((run) => this.#line(run, columns));
    if (lines.some((node, at) => this.#body.children[at] !== node) || lines.length !== this.#body.children.length)
      this.#body.replaceChildren(...lines);
    this.#showBaselines(columns);
    return ordered;
  }

  #line(run, columns) {
    const { node, cells } = this.#lines.get(run.id) ?? this.#makeLine(run, columns);
    columns.forEach((column, at) => {
      const [words, mark, note] = cells[at];
      write(words, column.words(run));
      const best = column.best !== undefined && column.best !== null && column.value(run) === column.best;
      words.parentElement.classList.toggle("best", best);
      const baseline = column.baseline === null ? column.own?.(run) : undefined;
      write(note, Number.isFinite(baseline) ? `source against itself ${inWords(column.name, baseline)}` : "");
      mark.hidden = !best;
    });
    return node;
  }

  #makeLine(run, columns) {
    const cells = columns.map(() => [element("span"), bestMark(), element("small")]);
    const [first, ...others] = cells;
    const head = element("th", { scope: "row" }, inkMark(run.ink), ...first);
    const node = element("tr", { "data-job": run.id }, head, ...others.map((parts) => element("td", {}, ...parts)));
    this.#lines.set(run.id, { node, cells });
    return { node, cells };
  }

  /** A last line with the baselines, where all runs have the same. */
  #showBaselines(columns) {
    const known = columns.some(({ baseline }) => Number.isFinite(baseline));
    const words = ({ name, baseline }) => (Number.isFinite(baseline) ? inWords(name, baseline) : "");
    const [, ...others] = columns;
    const cells = known
      ? [
          element("th", { scope: "row" }, "Source against itself"),
          ...others.map((one) => element("td", {}, words(one))),
        ]
      : [];
    if (this.#foot.textContent !== cells.map((cell) => cell.textContent).join(""))
      this.#foot.replaceChildren(...(known ? [element("tr", {}, ...cells)] : []));
  }
}
