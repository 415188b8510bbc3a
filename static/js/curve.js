// The loss curve: steps across, loss up a logarithmic axis.

import uPlot from "../vendor/uPlot.esm.js";
import { element, write } from "./dom.js";
import { UNFINISHED, figure, mark, whole } from "./words.js";

const INKS = ["--accent", "--warn", "--bad", "--ink-soft"];

const colour = (name) => {
  // light-dark() is only resolved on a real property, so let an element resolve it.
  const probe = element("i");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
};

/** Names of the values that are losses: what the row calls so, else all but the metrics. */
function lossNames(row, points) {
  const named = Object.keys(row.losses ?? {});
  if (named.length) return named;
  const metrics = Object.keys(row.metrics ?? {});
  return Object.keys(points.at(-1)?.values ?? {}).filter((name) => !name.startsWith("seam") && !metrics.includes(name));
}

function columns(points, names) {
  const numbers = points.map((point) => point.number);
  const positive = (value) => (value > 0 ? value : null); // a logarithm has no place for the others
  return [numbers, ...names.map((name) => points.map((point) => positive(point.values[name])))];
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

  /** @param readout tells the values under the pointer. */
  constructor(host, readout) {
    this.#host = host;
    this.#readout = readout;
    new ResizeObserver(() => this.#resize()).observe(host);
  }

  show(row, points) {
    this.#last = [row, points];
    const names = lossNames(row, points);
    this.#host.setAttribute("aria-label", this.#words(names, points));
    if (points.length < 2 || !names.length) return this.#empty(row);
    const key = `${row.id}:${names}`;
    if (key !== this.#key || !this.#plot) this.#make(names, key);
    this.#plot.setData(columns(points, names));
  }

  /** After a change of theme. */
  repaint() {
    this.#key = "";
    if (this.#last) this.show(...this.#last);
  }

  #words(names, points) {
    if (points.length < 2 || !names.length) return "Loss curve: nothing yet";
    const [first, last] = [points[0], points.at(-1)];
    const parts = names.map((name) => `${name} from ${figure(first.values[name])} to ${figure(last.values[name])}`);
    return `Loss curve, steps ${whole(first.number)} to ${whole(last.number)}: ${parts.join(", ")}`;
  }

  #empty(row) {
    this.#discard();
    const words = UNFINISHED.includes(row.state)
      ? "The curve begins with the first steps."
      : "Too few steps for a curve.";
    this.#host.replaceChildren(element("p", { class: "empty" }, words));
  }

  #discard() {
    this.#plot?.destroy();
    this.#plot = null;
    this.#key = "";
  }

  #make(names, key) {
    this.#discard();
    this.#host.replaceChildren();
    const series = names.map((name, index) => {
      return {
        label: name,
        stroke: colour(INKS[index % INKS.length]),
        width: 1.75,
        points: { show: false },
        spanGaps: true,
      };
    });
    this.#plot = new uPlot(
      {
        width: this.#host.clientWidth || 280,
        height: this.#host.clientHeight || 184,
        scales: { x: { time: false }, y: { distr: 3, log: 10 } },
        series: [{ label: "step" }, ...series],
        axes: axes(),
        cursor: { drag: { x: false, y: false }, points: { size: 6 } },
        legend: { show: false },
        hooks: { setCursor: [(plot) => this.#read(plot, names)] },
        padding: [8, 8, 0, 0],
      },
      columns([], names),
      this.#host,
    );
    this.#key = key;
  }

  #read({ cursor: { idx: index }, data }, names) {
    const known = index !== null && index !== undefined && data[0][index] !== undefined;
    const values = known ? names.map((_, at) => figure(data[at + 1][index])) : [];
    write(this.#readout, known ? `${values.join(" · ")} at step ${whole(data[0][index])}` : "");
  }

  #resize() {
    const { clientWidth: width, clientHeight: height } = this.#host;
    if (this.#plot && width && height) this.#plot.setSize({ width, height });
  }
}
