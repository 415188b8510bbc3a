// Puts the parts together.

import { Adding } from "./adding.js";
import * as api from "./api.js";
import { Comparison } from "./comparison.js";
import { $ } from "./dom.js";
import { listenForFiles } from "./drop.js";
import { Exemplar, learnNames, titleOf } from "./exemplar.js";
import { Form } from "./form.js";
import { Further } from "./further.js";
import { Galleries, listenForLinks } from "./galleries.js";
import { HistoryPage } from "./history.js";
import { Jobs } from "./jobs.js";
import { listenForKeys } from "./keys.js";
import { ModelShelf } from "./models.js";
import { Navigation } from "./navigation.js";
import { News, announceProgress } from "./news.js";
import { announce, attempt, complain } from "./notices.js";
import { Removal } from "./removal.js";
import { markSample, showSamples } from "./samples.js";
import { Sampling, isPainting } from "./sampling.js";
import { Starting } from "./starting.js";
import { Steering } from "./steering.js";
import { Strip } from "./strip.js";
import { startTheme } from "./theme.js";
import { Transport } from "./transport.js";
import { Tray } from "./tray.js";
import { View } from "./view.js";
import { showWeights } from "./weights.js";

const DEVICES = { auto: "", cpu: "CPU", cuda: "CUDA", mps: "Metal" };

const jobs = new Jobs();
const form = new Form();
const exemplar = new Exemplar(() => navigation.browse());
const transport = new Transport((what) => steering.act(what));
const view = new View(jobs, form, exemplar, transport);
const navigation = new Navigation(jobs, view);
const removal = new Removal(jobs, navigation);
const sampling = new Sampling(jobs, navigation);
const tray = new Tray(form);
const adding = new Adding(navigation);
const further = new Further(jobs, exemplar, adding);
const starting = new Starting(jobs, form, exemplar, navigation, { tray, adding, further });
const steering = new Steering(jobs, view, sampling, removal, starting);
const strip = new Strip(jobs, navigation, {
  nameOf: titleOf,
  select: (place) => navigation.go(place),
  remove: (id) => steering.remove(id),
  removeComparison: (entry) => removal.comparison(entry),
  fresh: () => navigation.fresh(),
});
const comparison = new Comparison(jobs, navigation, {
  control: ({ id }, what) => steering.control(what, jobs.rows.get(id)),
  reuse: (row) => reuse(row),
  remove: (row) => removal.job(row),
  add: (known) => adding.open(known),
});
const news = new News(jobs, navigation, strip, comparison, describe);
const past = new HistoryPage(jobs, form, {
  reuse: reuseEntry,
  remove: (entry) => (entry.kind === "job" ? removal.job(entry.jobs[0]) : removal.comparison(entry)),
});
const shelf = new ModelShelf(jobs, form, {
  sample: (row) => sampling.open("sample", row),
  walk: (row) => sampling.open("walk", row),
  further: (row) => starting.trainFurther(row),
  remove: (row) => removal.job(row),
});
new Galleries(navigation, { history: past, models: shelf });
const nextTheme = startTheme(() => [view, comparison].forEach((one) => one.repaint()));

let described = false;

/** What the server offers; once is enough. */
async function describe() {
  if (described) return;
  const [methods, samples, health] = await Promise.all([api.methods(), api.samples(), api.health()]);
  described = true;
  learnNames(samples);
  form.setMethods(methods);
  tray.show();
  showSamples(samples.filter(({ kind }) => kind === "texture"), (sample) => starting.pickSample(sample));
  markSample(exemplar.picture?.id);
  showWeights(health.weights);
  $("device").textContent = DEVICES[health.device] ?? health.device;
}

function setTiling(times) {
  if (comparison.isShown) return comparison.bar.tile(times);
  $("tiling").querySelector(`[value="${times}"]`).checked = true;
  view.setRepeat(times);
  return announce(`The tile, ${times} by ${times}`);
}

/** The settings of a job again: of a painting in its dialogue, of all else in the form. */
function reuse(row) {
  if (isPainting(row)) sampling.reuse(row);
  else starting.reuse(row);
}

/** The settings of something in the history again. */
function reuseEntry({ kind, jobs: rows }) {
  if (kind === "job") reuse(rows[0]);
  else if (rows.length) starting.reuseRuns(rows);
}

function listenToRemovals() {
  for (const list of [past, shelf]) {
    removal.addEventListener("gone", ({ detail }) => list.drop(detail.id));
    removal.addEventListener("back", () => list.refresh());
  }
}

function bringModel(file) {
  navigation.go({ view: "models", id: null });
  return shelf.bring(file);
}

function listenToForm() {
  $("form").addEventListener("submit", (event) => {
    event.preventDefault();
    starting.start();
  });
  $("form").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) $("form").requestSubmit();
  });
}

function listenToButtons() {
  $("reuse").addEventListener("click", () => reuse(jobs.current));
  $("tiling").addEventListener("change", (event) => view.setRepeat(Number(event.target.value)));
  $("help-open").addEventListener("click", () => $("help").showModal());
  $("sheet-close").addEventListener("click", () => $("sheet").close());
}

exemplar.addEventListener("change", () => markSample(exemplar.picture?.id));
announceProgress(jobs);
listenForFiles(
  (file) => starting.bring(file),
  bringModel,
  (reason) => {
    exemplar.complain(null); // what it says is of an earlier file
    complain(reason);
  },
);
listenToForm();
listenToButtons();
listenToRemovals();
listenForLinks(navigation);
listenForKeys({
  " ": () => (comparison.isShown ? comparison : steering).pauseOrResume(),
  1: () => setTiling(1),
  2: () => setTiling(2),
  3: () => setTiling(3),
  "+": () => comparison.bar.closer(),
  "=": () => comparison.bar.closer(),
  "-": () => comparison.bar.farther(),
  0: () => comparison.isShown && comparison.bar.fit(),
  ArrowLeft: () => comparison.bar.move(-1, 0),
  ArrowRight: () => comparison.bar.move(1, 0),
  ArrowUp: () => comparison.bar.move(0, -1),
  ArrowDown: () => comparison.bar.move(0, 1),
  w: () => comparison.toggleWipe(),
  d: () => steering.download(),
  s: () => steering.sheet(),
  x: () => steering.control("cancel"),
  r: () => steering.control("retry"),
  "[": () => navigation.neighbour(-1),
  "]": () => navigation.neighbour(1),
  n: () => navigation.fresh(),
  h: () => navigation.go({ view: "history", id: null }),
  m: () => navigation.go({ view: "models", id: null }),
  z: () => removal.undo(),
  o: () => $("file").click(),
  t: nextTheme,
  "?": () => $("help").showModal(),
});
view.showAll();
await attempt(describe);
news.listen();
