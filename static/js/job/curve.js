// A job's curve: steps across, and up what was chosen: its losses, on a logarithmic axis where that is possible, or one
// of the metrics beside its baseline.

import uPlot from "../../vendor/uPlot.js";
import { colour } from "../kit/colour.js";
import { $, element, write } from "../kit/dom.js";
import { figure, mark, whole } from "../kit/words.js";
import { inWords, measured } from "../state/metrics.js";
import { isUnfinished } from "../state/rows.js";
import { metricTitle } from "../state/runs.js";

const LOSSES = "losses"; // the choice that is no metric

const INKS = ["--accent", "--warn", "--bad", "--ink-soft"];

/** Names of the values that are losses: what the row calls so, else all but the metrics. */
function lossNames(row, points) {
  const named = Object.keys(row.losses ?? {});
  if (named.length) return named;
  const metrics = Object.keys(row.metrics ?? {});
  return Object.keys(points.at(-1)?.values ?? {}).filter((name) => !name.startsWith("seam") && !metrics.includes(name));
}

/** The points at which there is something to see. */
const known = (points, names) => points.filter(({ values }) => names.some((name) => values[name] !== undefined));

/** Steps, the values, and for a metric its baseline at every step. */
function columns(points, names, baseline) {
  const numbers = points.map((point) => point.number);
  const values = names.map((name) => points.map((point) => point.values[name] ?? null));
  return [numbers, ...values, ...(baseline === undefined ? [] : [numbers.map(() => baseline)])];
}

/** A logarithm has no place for what is not positive. */
function isPositive(points, names) {
  return points.every(({ values }) => names.every((name) => values[name] === undefined || values[name] > 0));
}

function axes() {
  const [ink, line] = [colour("--ink-soft"), colour("--line")];
  const shared = {
    stroke: ink,
    font: "11px system-ui, sans-serif",
    grid: { stroke: line, width: 1 },
    ticks: { show: false },
  };
  return [
    { ...shared, size: 24, space: 56, gap: 4 },
    {
      ...shared,
      size: 48,
      gap: 4,
      values: (_, splits) => splits.map((value) => (value === null ? "" : mark(value))),
    },
  ];
}

export class Curve {
  #host;
  #readout;
  #plot = null;
  #key = "";
  #last = null;
  #wanted = LOSSES; // what the person chose; the losses are shown where a job does not have it

  /** @param readout tells the values under the pointer. */
  constructor(host, readout) {
    this.#host = host;
    this.#readout = readout;
    new ResizeObserver(() => this.#resize()).observe(host);
    $("curve-choice").addEventListener("change", () => {
      this.#wanted = $("curve-choice").value;
      this.repaint();
    });
  }

  show(row, all) {
    this.#last = [row, all];
    const choice = this.#offer(row);
    const names = choice === LOSSES ? lossNames(row, all) : [choice];
    const points = known(all, names);
    this.#host.setAttribute("aria-label", this.#words(choice, names, points));
    if (points.length < 2) return this.#empty(row, choice);
    const baseline = choice === LOSSES ? undefined : row.baselines?.[choice];
    const log = choice === LOSSES && isPositive(points, names);
    const key = `${row.id}:${names}:${baseline}:${log}`;
    if (key !== this.#key || !this.#plot) this.#make(names, { baseline, log, key });
    this.#plot.setData(columns(points, names, baseline));
  }

  /** Offers what there is to show; what of it is shown. */
  #offer(row) {
    const metrics = measured(row);
    const choice = metrics.includes(this.#wanted) ? this.#wanted : LOSSES;
    const select = $("curve-choice");
    const offered = [LOSSES, ...metrics];
    if ([...select.options].map(({ value }) => value).join() !== offered.join()) {
      const words = (name) => (name === LOSSES ? "Loss" : metricTitle(name));
      select.replaceChildren(...offered.map((value) => element("option", { value }, words(value))));
    }
    select.value = choice;
    select.hidden = !metrics.length;
    write($("curve-heading"), metrics.length ? "Curve" : "Loss");
    return choice;
  }

  /** After a change of theme. */
  repaint() {
    this.#key = "";
    if (this.#last) this.show(...this.#last);
  }

  #words(choice, names, points) {
    const what = choice === LOSSES ? "Loss curve" : `Curve of ${metricTitle(choice).toLowerCase()}`;
    if (points.length < 2) return `${what}: nothing yet`;
    const [first, last] = [points[0], points.at(-1)];
    const parts = names.map((name) => `${name} from ${figure(first.values[name])} to ${figure(last.values[name])}`);
    return `${what}, steps ${whole(first.number)} to ${whole(last.number)}: ${parts.join(", ")}`;
  }

  #empty(row, choice) {
    this.#discard();
    const soon = choice === LOSSES ? "The curve begins with the first steps." : "It is measured now and then.";
    const words = isUnfinished(row) ? soon : "Too few values for a curve.";
    this.#host.replaceChildren(element("p", { class: "empty" }, words));
  }

  #discard() {
    this.#plot?.destroy();
    this.#plot = null;
    this.#key = "";
  }

  #make(names, { baseline, log, key }) {
    this.#discard();
    this.#host.replaceChildren();
    const line = { width: 1.75, points: { show: false }, spanGaps: true };
    const series = names.map((label, index) => ({ ...line, label, stroke: colour(INKS[index % INKS.length]) }));
    const dashes = { ...line, label: "source against itself", stroke: colour("--ink-soft"), width: 1, dash: [4, 4] };
    if (baseline !== undefined) series.push(dashes);
    const upwards = { range: (_, least, most) => uPlot.rangeNum(Math.min(0, least), most, 0.1, true) };
    this.#plot = new uPlot(
      {
        width: this.#host.clientWidth || 280,
        height: this.#host.clientHeight || 184,
        scales: { x: { time: false }, y: log ? { distr: 3, log: 10 } : upwards },
        series: [{ label: "step" }, ...series],
        axes: axes(),
        cursor: { drag: { x: false, y: false }, points: { size: 6 } },
        legend: { show: false },
        hooks: { setCursor: [(plot) => this.#read(plot, names)] },
        padding: [8, 16, 0, 0],
      },
      columns([], names, baseline),
      this.#host,
    );
    this.#key = key;
  }

  /** @param {uPlot} plot */
  #read({ cursor: { idx: index }, data }, names) {
    const there = index !== null && index !== undefined && data[0][index] !== undefined;
    const values = there ? names.map((name, at) => inWords(name, data[at + 1][index])) : [];
    write(this.#readout, there ? `${values.join(" · ")} at step ${whole(data[0][index])}` : "");
  }

  #resize() {
    const { clientWidth: width, clientHeight: height } = this.#host;
    if (this.#plot && width && height) this.#plot.setSize({ width, height });
  }
}
