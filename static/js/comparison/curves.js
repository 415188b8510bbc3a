// The curves of all runs of a comparison in one chart: a metric or a loss, over one of the two clocks.

import uPlot from "../../vendor/uPlot.js";
import { colour } from "../kit/colour.js";
import { $, element, find, write } from "../kit/dom.js";
import { clock, mark, title } from "../kit/words.js";
import { inWords } from "../state/metrics.js";
import { USUAL_METRIC, inkOf, isSecondRound, lossesOf, metricTitle, metricsOf } from "../state/runs.js";

const CLOCKS = { wall: "over elapsed time", seconds: "over compute time" };
const MARKED = 40; // points up to which each is marked
const MOST_POINTS = 600; // of a run: more would not be seen, and the runs' times are joined again twice a second
const WIDE = 10; // from such a ratio of largest to smallest on, the axis is logarithmic
const MINUTES = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 36000, 86400];

/** Points of a metric come with every step, but it is measured now and then: only what differs was measured again. */
function seriesOf({ points }, name, hand, measured) {
  const kept = [];
  for (const point of points) {
    const [x, y] = [point[hand], point.values?.[name]];
    const last = kept.at(-1);
    if (!Number.isFinite(x) || !Number.isFinite(y) || (last && (x <= last[0] || (measured && y === last[1])))) continue;
    kept.push([x, y]);
  }
  const every = Math.ceil(kept.length / MOST_POINTS);
  return kept.filter((_, index) => index % every === 0 || index === kept.length - 1);
}

const flat = (lists) => lists.flatMap((list) => list.map(([, y]) => y));

function baselinesOf(runs, name) {
  const baselines = runs.map(({ row }) => row.baselines?.[name]).filter(Number.isFinite);
  return baselines.filter(
    (baseline, index) => baselines.findIndex((one) => Math.abs(one - baseline) <= 1e-3 * baseline) === index,
  );
}

/** The chart's data: all runs on one axis of time, then a level line for each baseline. */
function tableOf(lists, baselines) {
  const end = Math.max(1, ...lists.flatMap((list) => list.map(([x]) => x)));
  const columns = [...lists, ...baselines.map((baseline) => [0, end].map((x) => [x, baseline]))];
  return uPlot.join(columns.map((list) => [list.map(([x]) => x), list.map(([, y]) => y)]));
}

/** The value at this place of the table, or the one before. */
function readAt(values, index) {
  for (let at = index; at >= 0; at -= 1) if (Number.isFinite(values[at])) return values[at];
  return null;
}

export class Race {
  #plot = null;
  #key = "";
  #runs = [];
  #names = [];
  #chosen = null; // by a person
  #items = []; // the elements of the legend that show values

  constructor() {
    $("race-metric").addEventListener("change", () => {
      this.#chosen = this.#name;
      this.#draw();
    });
    $("race-clock").addEventListener("change", () => this.#draw());
    new ResizeObserver(() => this.#resize()).observe($("race"));
  }

  /** @param runs [{id, label, ink, row, points}] */
  show(runs) {
    this.#runs = runs;
    this.#offer(runs.map(({ row }) => row));
    this.#draw();
  }

  /** After a change of theme. */
  repaint() {
    this.#key = "";
    this.#draw();
  }

  get #name() {
    return $("race-metric").value;
  }

  get #clock() {
    return find("input:checked", $("race-clock")).getAttribute("value");
  }

  #offer(rows) {
    const metrics = metricsOf(rows);
    const measured = [...metrics, ...lossesOf(rows)]; // losses come with the first steps, metrics some seconds later
    const names = measured.length ? measured : [USUAL_METRIC];
    if (names.join() === this.#names.join()) return;
    this.#names = names;
    const words = (name) => (lossesOf(rows).includes(name) ? `Loss: ${title(name).toLowerCase()}` : metricTitle(name));
    $("race-metric").replaceChildren(...names.map((name) => element("option", { value: name }, words(name))));
    $("race-metric").value = names.includes(this.#chosen) ? this.#chosen : names[0];
  }

  #draw() {
    const name = this.#name;
    const measured = metricsOf(this.#runs.map(({ row }) => row)).includes(name);
    const lists = this.#runs.map((run) => seriesOf(run, name, this.#clock, measured));
    const baselines = baselinesOf(this.#runs, name);
    $("race").setAttribute("aria-label", this.#describe(lists, baselines));
    if (!lists.some((list) => list.length)) return this.#empty();
    const all = [...flat(lists), ...baselines];
    const logarithmic = Math.min(...all) > 0 && Math.max(...all) > WIDE * Math.min(...all);
    const inks = this.#runs.map(({ label, ink }) => `${label}${ink}`);
    const dense = lists.map((list) => list.length > MARKED);
    const key = [name, this.#clock, logarithmic, baselines.length, inks, dense].join();
    const table = tableOf(lists, baselines);
    if (key === this.#key) this.#plot.setData(table);
    else this.#make(key, table, { logarithmic, baselines, dense });
    return this.#read();
  }

  #describe(lists, baselines) {
    const name = this.#name;
    const told = lists.map((list, index) => {
      const { label } = this.#runs[index];
      if (!list.length) return null;
      const [[, first], [last, now]] = [list[0], list.at(-1)];
      return `${label} from ${inWords(name, first)} to ${inWords(name, now)} at ${clock(last)}`;
    });
    const words = told.filter(Boolean);
    if (!words.length) return "Curves: nothing yet";
    const baseline = baselines.length
      ? `. Source against itself ${baselines.map((one) => inWords(name, one)).join(", ")}`
      : "";
    return `${$("race-metric").selectedOptions[0].text} ${CLOCKS[this.#clock]}: ${words.join("; ")}${baseline}`;
  }

  #empty() {
    this.#discard();
    $("race").replaceChildren(element("p", { class: "empty" }, "The curves begin with the first measurements."));
    this.#makeLegend([]);
  }

  #discard() {
    this.#plot?.destroy();
    this.#plot = null;
    this.#key = "";
  }

  #make(key, table, { logarithmic, baselines, dense }) {
    this.#discard();
    $("race").replaceChildren();
    const series = this.#runs.map(({ label, ink }, index) => ({
      label,
      stroke: colour(`--run-${inkOf(ink)}`),
      width: 2,
      dash: isSecondRound(ink) ? [6, 4] : undefined,
      spanGaps: true,
      points: { show: !dense[index], size: 5 },
    }));
    const baseline = {
      stroke: colour("--ink-soft"),
      width: 1.25,
      dash: [3, 4],
      spanGaps: true,
      points: { show: false },
    };
    this.#plot = new uPlot(
      {
        width: $("race").clientWidth || 480,
        height: $("race").clientHeight || 180,
        scales: { x: { time: false }, y: logarithmic ? { distr: 3, log: 10 } : {} },
        series: [{}, ...series, ...baselines.map(() => baseline)],
        axes: this.#axes(),
        cursor: { drag: { x: false, y: false }, points: { size: 6 } },
        legend: { show: false },
        hooks: { setCursor: [() => this.#read()] },
        padding: [8, 12, 0, 0],
      },
      table,
      $("race"),
    );
    this.#key = key;
    this.#makeLegend(baselines);
  }

  #axes() {
    const [ink, line] = [colour("--ink-soft"), colour("--line")];
    const shared = {
      stroke: ink,
      font: "11px system-ui, sans-serif",
      grid: { stroke: line, width: 1 },
      ticks: { show: false },
    };
    const across = { ...shared, size: 24, space: 64, gap: 4, incrs: MINUTES };
    const up = { ...shared, size: 52, gap: 4 };
    return [
      { ...across, values: (_, splits) => splits.map(clock) },
      { ...up, values: (_, splits) => splits.map((value) => (value === null ? "" : mark(value))) },
    ];
  }

  #makeLegend(baselines) {
    const item = (label, className, ink) => {
      const value = element("b");
      const line = element("i", { class: className, "data-ink": ink });
      return { node: element("li", {}, line, element("span", {}, label), value), value };
    };
    const runs = this.#runs.map(({ label, ink }) =>
      item(label, isSecondRound(ink) ? "line broken" : "line", String(inkOf(ink))),
    );
    const level = baselines.map(() => item("Source against itself", "line baseline"));
    this.#items = [...runs, ...level].map(({ value }) => value);
    $("race-legend").replaceChildren(...[...runs, ...level].map(({ node }) => node));
  }

  /** The legend shows the values under the pointer, or else the newest ones. */
  #read() {
    if (!this.#plot?.data) return;
    const { data, cursor } = this.#plot;
    const index = cursor.idx ?? data[0].length - 1;
    this.#items.forEach((node, at) => {
      const value = readAt(data[at + 1] ?? [], index);
      write(node, value === null ? "" : inWords(this.#name, value));
    });
  }

  #resize() {
    const { clientWidth: width, clientHeight: height } = $("race");
    if (this.#plot && width && height) this.#plot.setSize({ width, height });
  }
}
