// Puts the parts together.

import * as api from "./api.js";
import { $ } from "./dom.js";
import { listenForPictures } from "./drop.js";
import { Exemplar, learnNames, nameOf } from "./exemplar.js";
import { Form } from "./form.js";
import { Jobs } from "./jobs.js";
import { listenForKeys } from "./keys.js";
import { Navigation } from "./navigation.js";
import { News, announceProgress } from "./news.js";
import { announce, attempt, complain } from "./notices.js";
import { markSample, showSamples } from "./samples.js";
import { Starting } from "./starting.js";
import { Steering } from "./steering.js";
import { Strip } from "./strip.js";
import { startTheme } from "./theme.js";
import { Transport } from "./transport.js";
import { View } from "./view.js";
import { showWeights } from "./weights.js";

const DEVICES = { auto: "", cpu: "CPU", cuda: "CUDA", mps: "Metal" };

const jobs = new Jobs();
const form = new Form();
const exemplar = new Exemplar(() => navigation.browse());
const transport = new Transport((what) => steering.act(what));
const view = new View(jobs, form, exemplar, transport);
const navigation = new Navigation(jobs, view);
const steering = new Steering(jobs, view, navigation);
const starting = new Starting(jobs, form, exemplar, navigation);
const strip = new Strip(jobs, {
  nameOf: (row) => nameOf(row.images.source),
  select: (id) => navigation.select(id),
  remove: (id) => steering.remove(id),
  fresh: () => navigation.fresh(),
});
const news = new News(jobs, navigation, strip, describe);
const nextTheme = startTheme(() => view.repaint());

let described = false;

/** What the server offers; once is enough. */
async function describe() {
  if (described) return;
  const [methods, samples, health] = await Promise.all([api.methods(), api.samples(), api.health()]);
  described = true;
  learnNames(samples);
  form.setMethods(methods);
  showSamples(samples, (sample) => starting.pickSample(sample));
  markSample(exemplar.picture?.id);
  showWeights(health.weights);
  $("device").textContent = DEVICES[health.device] ?? health.device;
}

function setTiling(times) {
  $("tiling").querySelector(`[value="${times}"]`).checked = true;
  view.setRepeat(times);
  announce(`The tile, ${times} by ${times}`);
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
  $("reuse").addEventListener("click", () => starting.reuse());
  $("tiling").addEventListener("change", (event) => view.setRepeat(Number(event.target.value)));
  $("help-open").addEventListener("click", () => $("help").showModal());
  $("sheet-close").addEventListener("click", () => $("sheet").close());
}

exemplar.addEventListener("change", () => markSample(exemplar.picture?.id));
announceProgress(jobs);
listenForPictures(
  (file) => starting.bring(file),
  (reason) => {
    exemplar.complain(null); // what it says is of an earlier file
    complain(reason);
  },
);
listenToForm();
listenToButtons();
listenForKeys({
  " ": () => steering.pauseOrResume(),
  1: () => setTiling(1),
  2: () => setTiling(2),
  3: () => setTiling(3),
  d: () => steering.download(),
  s: () => steering.sheet(),
  x: () => steering.control("cancel"),
  r: () => steering.control("retry"),
  "[": () => navigation.neighbour(-1),
  "]": () => navigation.neighbour(1),
  n: () => navigation.fresh(),
  o: () => $("file").click(),
  t: nextTheme,
  "?": () => $("help").showModal(),
});
view.showAll();
await attempt(describe);
news.listen();
