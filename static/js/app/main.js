// Puts the parts together.

import { Comparison } from "../comparison/comparison.js";
import { Adding } from "../compose/add-run.js";
import { Form } from "../compose/form.js";
import { Lattice } from "../compose/lattice.js";
import { Picker } from "../compose/picture-dialog.js";
import { Pictures } from "../compose/pictures.js";
import { PresetRow } from "../compose/preset-row.js";
import { markSample, showSamples } from "../compose/samples.js";
import { slotAt } from "../compose/slot.js";
import { Starting } from "../compose/starting.js";
import { Further } from "../compose/train-further.js";
import { Tray } from "../compose/tray.js";
import { Steering } from "../job/steering.js";
import { Transport } from "../job/transport.js";
import { markJob } from "../job/marking.js";
import { View } from "../job/view.js";
import { $ } from "../kit/dom.js";
import { once } from "../kit/lazy.js";
import { attempt, complain } from "../kit/notices.js";
import { Storage } from "../lists/storage.js";
import { Strip } from "../lists/strip.js";
import * as api from "../state/api.js";
import { learn } from "../state/catalogue.js";
import { Jobs } from "../state/jobs.js";
import { hasResult } from "../state/moves.js";
import { titleOf } from "../state/names.js";
import { isPainting } from "../state/rows.js";
import { listenForFiles } from "./files.js";
import { Galleries, Later, listenForLinks } from "./galleries.js";
import { listenForKeys } from "./keys.js";
import { Navigation } from "./navigation.js";
import { News, announceProgress } from "./news.js";
import { offerNotifications } from "./notify.js";
import { Removal } from "./removal.js";
import { startTheme } from "./theme.js";
import { offerAtOnce, showWeights } from "./weights.js";

// Dialogues that many never open.
const editing = dialogue(async () => new (await import("../compose/edit-dialog.js")).Editing());
const masking = dialogue(async () => {
  const { painting } = await import("../compose/mask-dialog.js");
  return painting(pictures, () => form.result);
});
const sampling = dialogue(async () => {
  const { Sampling } = await import("../compose/sampling-dialog.js");
  return new Sampling(jobs, navigation, { browse: choose, edit });
});
const several = once(async () => new (await import("../compose/several.js")).Several(jobs, form, pictures));

const jobs = new Jobs();
const form = new Form();
const picker = new Picker(jobs, (slot) => slot === pictures.source && navigation.select(null));
const choose = (slot) => picker.open(slot);
const paint = (slot) => masking((dialog) => dialog.open(slot));
const edit = (slot) => editing((dialog) => dialog.open(slot));
const browse = { source: () => navigation.browse(), mask: paint, exemplar_guide: paint, guide: paint };
const pictures = new Pictures({ browse: (slot) => (browse[slot.role] ?? choose)(slot), edit });
const materials = once(async () => new (await import("../compose/material-maps.js")).MaterialMaps(form, pictures));
new Lattice(form, pictures);
new PresetRow(form);
const transport = new Transport((what) => steering.act(what));
const view = new View(jobs, form, pictures, transport);
const navigation = new Navigation(jobs, view);
const removal = new Removal(jobs, navigation, (row) => form.aboutOf(row));
const storage = new Storage(removal);
const tray = new Tray(form, pictures);
const adding = new Adding(navigation);
const further = new Further(jobs, form, pictures, adding);
const starting = new Starting(jobs, form, pictures, navigation, { tray, adding, further });
const steering = new Steering(jobs, view, sampling, removal, starting);
const strip = new Strip(jobs, navigation, {
  nameOf: titleOf,
  requestOf: (row) => form.requestOf(row),
  select: (place) => navigation.go(place),
  remove: (id) => steering.remove(id),
  removeComparison: (entry) => removal.comparison(entry),
  putBefore: (id, other) => steering.putBefore(id, other),
  moveInQueue: (row, way) => steering.moveInQueue(row, way),
  fresh: () => navigation.fresh(),
});
const comparison = new Comparison(jobs, navigation, {
  control: ({ id }, what) => steering.control(what, jobs.rows.get(id)),
  first: (row) => steering.runFirst(row),
  larger: (row) => starting.continueLarger(row, "2"),
  star: ({ id, star }) => markJob(jobs, id, { star: !star }),
  reuse: (row) => reuse(row),
  remove: (row) => removal.job(row),
  add: (known) => adding.open(known),
});
const news = new News(jobs, navigation, strip, comparison, describe);
const past = new Later(async () => {
  const { HistoryPage } = await import("../lists/history.js");
  return new HistoryPage(jobs, form, {
    reuse: reuseEntry,
    remove: (entry) => (entry.kind === "job" ? removal.job(entry.jobs[0]) : removal.comparison(entry)),
    removeSeveral: (entries) => removal.several(entries),
  });
});
const shelf = new Later(async () => {
  const { ModelShelf } = await import("../lists/models.js");
  return new ModelShelf(jobs, form, {
    sample: (row) => sampling((dialog) => dialog.open("sample", row)),
    walk: (row) => sampling((dialog) => dialog.open("walk", row)),
    stylise: (row) => sampling((dialog) => dialog.open("stylise", row)),
    further: (row) => starting.trainFurther(row),
    remove: (row) => removal.job(row),
  });
});
new Galleries(navigation, { history: past, models: shelf });
navigation.addEventListener("place", () => navigation.inList && storage.refresh());
const nextTheme = startTheme(() => [view, comparison].forEach((one) => one.repaint()));

/**
 * A function that uses a dialogue, which is fetched when it is wanted for the first time. Where somebody has gone elsewhere,
 * or opened another one, while the scripts were coming, it does nothing.
 * @template T
 * @param {() => Promise<T>} fetch
 * @returns {(use: (dialog: T) => unknown) => Promise<void>}
 */
function dialogue(fetch) {
  const fetched = once(fetch);
  const place = () => [location.pathname, document.querySelector("dialog[open]")];
  return async (use) => {
    const before = place();
    const found = await fetched();
    if (found && place().every((part, index) => part === before[index])) use(found);
  };
}

let described = false;

/** What the server offers; once is enough. */
async function describe() {
  if (described) return true;
  const catalogue = await api.catalogue();
  const { methods, samples } = catalogue;
  learn(catalogue);
  described = true;
  picker.setSamples(samples);
  form.setMethods(methods.filter(({ listed }) => listed));
  tray.show();
  offerAtOnce(form);
  showSamples(
    samples.filter(({ kind }) => kind === "texture"),
    (sample) => starting.pickSample(sample),
  );
  markSample(pictures.source.picture?.id);
  showWeights(JSON.parse(document.documentElement.dataset.weights));
  document.documentElement.dataset.described = "true";
  return true;
}

/** The controls of what one looks at through a lens, if there is something. */
const bar = () => [comparison.bar, view.stage.bar].find(({ isShown }) => isShown);

/** The settings of a job again: of a painting in its dialogue, of all else in the form. */
const reuse = (row) => (isPainting(row) ? sampling((dialog) => dialog.reuse(row)) : starting.reuse(row));

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

async function bringModel(file) {
  navigation.go({ view: "models", id: null });
  return (await shelf.gallery())?.bring(file);
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
  $("choose-result").addEventListener("click", () => choose(pictures.source));
  $("help-open").addEventListener("click", () => $("help").showModal());
  $("recipe-block").addEventListener("toggle", () => {
    if ($("recipe-block").open) $("recipe-block").scrollIntoView({ block: "nearest" });
  });
  $("sheet-close").addEventListener("click", () => $("sheet").close());
}

/** The pictures that are asked for are those of the method that is chosen, and of the runs in the tray. */
function wantPictures() {
  const methods = [form.chosen, ...tray.runs.map(({ method }) => form.method(method))].filter(Boolean);
  if (methods.length) pictures.want(methods);
}

/** The slot of the dialogue that is open. */
const asked = () => slotAt(document.querySelector("dialog[open][data-slot], dialog[open] .slot:not([hidden])"));

/** Where a picture goes that is aimed at no slot. */
const goal = () => asked() ?? (view.inviting && !pictures.source.isBusy ? pictures.source : pictures.next);

/** The slot that was aimed at, or else that of the dialogue that is open; a dialogue that is for one slot closes. */
function aimedAt(slot) {
  const open = asked();
  /** @type {NodeListOf<HTMLDialogElement>} */
  const dialogs = document.querySelectorAll("dialog[open][data-slot]");
  for (const dialog of dialogs) dialog.close();
  return slot ?? open;
}

/** Several files, or a zip: a base colour and its maps. */
async function takeMaterial(files) {
  aimedAt(null);
  navigation.select(null);
  (await materials())?.bring(files);
}

function takePicture(file, target) {
  const slot = aimedAt(target);
  if (slot && !pictures.has(slot)) slot.bring(file);
  else starting.bring(file, slot ?? goal(), Boolean(slot));
}

/** More than one file. @param takeOne what is done with a single one of them */
async function takeSeveral(files, target, takeOne) {
  const slot = target ?? asked() ?? goal();
  if (!pictures.has(slot)) return takeOne(files[0]);
  const offers = await several();
  if (slot === pictures.source && offers?.areMaps(files)) return takeMaterial(files);
  aimedAt(target);
  return offers?.offer(files, slot, takeOne, takeMaterial);
}

/** A result that was dragged from the strip. */
function takeResult(id, target) {
  const row = jobs.rows.get(id);
  if (!row || !hasResult(row)) return refusePicture(`${row ? titleOf(row) : "This job"} has no result yet.`, target);
  const slot = aimedAt(target) ?? goal();
  if (slot === pictures.source) navigation.select(null);
  return slot.bringResult(row);
}

function refusePicture(reason, target) {
  const slot = aimedAt(target);
  if (slot) return slot.complain(reason);
  pictures.source.complain(null); // what it says is of an earlier file
  return complain(reason);
}

form.addEventListener("method", wantPictures);
tray.addEventListener("change", wantPictures);
pictures.addEventListener("change", () => {
  if (pictures.maps) materials();
  markSample(pictures.source.picture?.id);
});
announceProgress(jobs);
offerNotifications(jobs, ({ comparison: id, id: job }) =>
  navigation.go(id ? { view: "comparison", id } : { view: "job", id: job }),
);
listenForFiles({
  take: takePicture,
  takeSeveral,
  takeModel: bringModel,
  takeMaterial,
  takeResult,
  refuse: refusePicture,
  goal,
});
listenToForm();
listenToButtons();
listenToRemovals();
listenForLinks(navigation);
listenForKeys({
  " ": () => (comparison.isShown ? comparison : steering).pauseOrResume(),
  ...Object.fromEntries([2, 3, 4, 5].map((times) => [times, () => bar()?.tile(times)])),
  "+": () => bar()?.zoom(1),
  "=": () => bar()?.zoom(1),
  "-": () => bar()?.zoom(-1),
  0: () => bar()?.fit(),
  1: () => bar()?.showTruePixels(),
  ArrowLeft: () => bar()?.move(-1, 0) ?? false,
  ArrowRight: () => bar()?.move(1, 0) ?? false,
  ArrowUp: () => bar()?.move(0, -1) ?? false,
  ArrowDown: () => bar()?.move(0, 1) ?? false,
  e: () => bar()?.shift(),
  f: () => comparison.bar.toggleFullScreen() || view.stage.bar.toggleFullScreen(),
  w: () => (comparison.isShown ? comparison : view.stage).toggleWipe(),
  v: () => view.stage.togglePreview(),
  d: () => steering.download(),
  c: () => steering.copy(),
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
storage.refresh();
news.listen();
