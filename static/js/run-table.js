// The table of a comparison: a line for each run, sorted by whatever column one likes.

import { $, element, write } from "./dom.js";
import { inWords } from "./metrics.js";
import { inkMark } from "./run-panel.js";
import { bestOf, bytes, commonFloor, metricTitle, metricsOf, wallOf } from "./runs.js";
import { clock, whole } from "./words.js";

/** The columns that these runs have: {name, title, value(run) to sort by, words(run), best, floor}. */
function columnsOf(runs) {
  const rows = runs.map(({ row }) => row);
  const plain = [
    { name: "run", title: "Run", value: ({ ink }) => ink, words: ({ label }) => label },
    { name: "time", title: "Own time", value: ({ row }) => row.seconds, words: ({ row }) => clock(row.seconds) },
    {
      name: "wall",
      title: "Wall time",
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
    floor: commonFloor(rows, name),
    own: ({ row }) => row.floors?.[name],
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
    if (missing(a) || missing(b)) return missing(a) - missing(b);
    return way * (typeof a === "string" ? a.localeCompare(b) : a - b) || one.ink - other.ink;
  };
  return [...runs].sort(compare);
}

const bestMark = () =>
  element(
    "span",
    { class: "best-mark", hidden: true },
    element("span", { "aria-hidden": "true" }, "★"),
    element("span", { class: "unseen" }, "best"),
  );

export class RunTable {
  #sorted = { name: "run", way: 1 };
  #runs = [];
  #key = "";
  #heads = new Map(); // column's name -> its th
  #lines = new Map(); // run's id -> {node, cells}
  #body = element("tbody");
  #foot = element("tfoot");

  /** @param runs [{id, label, ink, row, points}] */
  show(runs) {
    this.#runs = runs;
    const columns = columnsOf(runs);
    const key = columns.map(({ name }) => name).join();
    if (key !== this.#key) this.#make(columns);
    this.#key = key;
    this.#fill(columns);
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
      const { name: before, way } = this.#sorted;
      this.#sorted = { name, way: before === name ? -way : 1 };
      this.show(this.#runs);
    };
    return element(
      "th",
      { scope: "col", "data-column": name },
      element("button", { type: "button", onclick: sort }, title),
    );
  }

  #fill(columns) {
    const column = columns.find(({ name }) => name === this.#sorted.name) ?? columns[0];
    for (const [name, head] of this.#heads) {
      if (name === column.name) head.setAttribute("aria-sort", this.#sorted.way > 0 ? "ascending" : "descending");
      else head.removeAttribute("aria-sort");
    }
    const lines = inOrder(this.#runs, column, this.#sorted.way).map((run) => this.#line(run, columns));
    if (lines.some((node, at) => this.#body.children[at] !== node) || lines.length !== this.#body.children.length)
      this.#body.replaceChildren(...lines);
    this.#showFloors(columns);
  }

  #line(run, columns) {
    const { node, cells } = this.#lines.get(run.id) ?? this.#makeLine(run, columns);
    columns.forEach((column, at) => {
      const [words, mark, note] = cells[at];
      write(words, column.words(run));
      const best = column.best !== undefined && column.best !== null && column.value(run) === column.best;
      words.parentElement.classList.toggle("best", best);
      const floor = column.floor === null ? column.own?.(run) : undefined;
      write(note, Number.isFinite(floor) ? `floor ${inWords(column.name, floor)}` : "");
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

  /** A last line with the floors, where all runs have the same. */
  #showFloors(columns) {
    const known = columns.some(({ floor }) => Number.isFinite(floor));
    const words = ({ name, floor }) => (Number.isFinite(floor) ? inWords(name, floor) : "");
    const [, ...others] = columns;
    const cells = known
      ? [element("th", { scope: "row" }, "Floor"), ...others.map((one) => element("td", {}, words(one)))]
      : [];
    if (this.#foot.textContent !== cells.map((cell) => cell.textContent).join(""))
      this.#foot.replaceChildren(...(known ? [element("tr", {}, ...cells)] : []));
  }
}
