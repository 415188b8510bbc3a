// Where the job stands, and the buttons that fit its state.

import { $, element, find, icon, tell, withCode, write } from "../kit/dom.js";
import { recall, remember } from "../kit/memory.js";
import { clock, duration, roughly, sentence, taken, whole } from "../kit/words.js";
import * as api from "../state/api.js";
import { facts } from "../state/catalogue.js";
import { isTrained, possible, usesOf } from "../state/moves.js";
import { isMaterial, isTile, isTileSet, percent, share, stateWord, unitOf } from "../state/rows.js";

const BUTTONS = {
  first: { icon: "first", words: "Run first", style: "plain" },
  pause: { icon: "pause", words: "Pause", style: "plain" },
  resume: { icon: "play", words: "Resume", style: "primary" },
  cancel: { icon: "stop", words: "Cancel", style: "plain" },
  retry: { icon: "retry", words: "Retry", style: "primary" },
  download: { icon: "download", words: "Download tile", style: "plain" },
  soFar: { icon: "download", words: "Download so far", style: "plain" },
  copy: { icon: "copy", words: "Copy image", style: "plain" },
  sheet: { icon: "grid", words: "Tiled image…", style: "plain" },
  larger: { icon: "twice", words: "Enlarge", style: "plain" },
  material: { icon: "model", words: "Make a material", style: "plain" },
  mend: { icon: "pen", words: "Mend a part…", style: "plain" },
  package: { icon: "download", words: "Download material", style: "primary" },
  files: { icon: "download", words: "Download tile set", style: "primary" },
  sample: { icon: "picture", words: "Sample from it…", style: "plain" },
  walk: { icon: "loop", words: "Animate…", style: "plain" },
  stylise: { icon: "picture", words: "Stylise a picture…", style: "plain" },
  further: { icon: "more", words: "Continue training…", style: "plain" },
  model: { icon: "download", words: "Download model", style: "plain" },
  again: { icon: "dice", words: "Another seed", style: "plain" },
  another: { icon: "picture", words: "Another picture…", style: "plain" },
  loop: { icon: "download", words: "Download animation", style: "primary" },
  play: { icon: "play", words: "Play", style: "plain" },
  halt: { icon: "pause", words: "Stop", style: "plain" },
};

/** Buttons of which there is a choice: what there is, with its titles, the choice's label, and where it is remembered. */
const CHOICES = {
  download: { offered: () => facts.result_formats, label: "Format of the download", memory: "format" },
  package: { offered: () => facts.engines, label: "Export for", memory: "engine" },
  larger: { offered: () => ({ 2: "×2", 4: "×4" }), label: "How many times as large", memory: "larger" },
};

/** What links lead to. */
const FILES = {
  download: (id) => api.downloadPath(id, chosen("download")),
  package: (id) => api.materialPath(id, chosen("package")),
  files: api.filesPath,
  loop: api.animationPath,
  model: api.modelPath,
};

/** What was chosen last of a button's choices. */
export function chosen(what) {
  const names = Object.keys(CHOICES[what].offered());
  const remembered = recall(CHOICES[what].memory, names[0]);
  return names.includes(remembered) ? remembered : names[0];
}

/** Whether the browser lets a page put a picture on the clipboard: over plain HTTP it does not. */
const canCopy = Boolean(navigator.clipboard?.write);

/** How a button looks for this job. */
function faceOf(what, row) {
  const face = BUTTONS[what === "download" && row.state !== "done" ? "soFar" : what];
  if (what === "retry" && row.state === "cancelled") return { ...face, words: "Resume" }; // it goes on where it was
  if (row.state !== "done") return face;
  const main = isTrained(row) ? usesOf(row)[0] : isMaterial(row) ? "package" : isTileSet(row) ? "files" : "download";
  const style = what === main ? "primary" : face.style;
  if (what === "download" && isMaterial(row)) return { ...face, words: "Download base colour", style };
  const plain = row.method === "sample" || isTileSet(row) || !isTile(row);
  return what === "download" && plain ? { ...face, words: "Download picture", style } : { ...face, style };
}

function makeButton(what, row, act) {
  const { icon: picture, words, style } = faceOf(what, row);
  const face = [icon(picture), element("span", {}, words)];
  if (!(what in FILES)) {
    const about = { type: "button", class: style, title: words, "data-what": what, onclick: () => act(what) };
    const button = element("button", about, ...face);
    return what in CHOICES ? split(button, what, style, () => markRefused(button, row)) : button;
  }
  const about = { class: `button ${style}`, title: words, "data-what": what, href: FILES[what](row.id), download: "" };
  const link = element("a", about, ...face);
  return what in CHOICES ? split(link, what, style, () => (link.href = FILES[what](row.id))) : link;
}

/** A button with its choice beside it. @param follow is called now, and whenever another one is chosen */
function split(button, what, style, follow) {
  const { offered, label, memory } = CHOICES[what];
  const options = Object.entries(offered()).map(([value, words]) => element("option", { value }, words));
  const choice = element("select", { "aria-label": label, title: label }, ...options);
  choice.value = chosen(what);
  choice.addEventListener("change", () => {
    remember(memory, choice.value);
    follow();
  });
  follow();
  return element("span", { class: `split ${style}` }, button, choice);
}

/** Shows why a larger picture cannot begin with this one; so does pressing it. */
async function markRefused(button, row) {
  const by = chosen("larger");
  const { refusal } = await api.larger(row.id, by).catch(() => ({ refusal: null }));
  if (by !== chosen("larger")) return;
  button.setAttribute("aria-disabled", String(Boolean(refusal)));
  button.title = sentence(refusal) || button.textContent;
}

/** "Step 40 of 200", "Step 40" of a job that has a time to work and not a number of steps, "" before the first. */
function stepWords(row) {
  const { number, total } = row;
  const unit = unitOf(row);
  if (total) return `${unit} ${whole(number)} of ${whole(total)}`;
  return number ? `${unit} ${whole(number)}` : "";
}

function standingWords(row) {
  const steps = stepWords(row);
  const after = {
    queued: row.place === 1 ? "next in the queue" : row.place ? `place ${row.place} in the queue` : "in the queue",
    running: !row.number
      ? "preparing"
      : row.eta === null
        ? clock(row.seconds)
        : `${clock(row.seconds)} · about ${roughly(row.eta)} left`,
    paused: "paused",
    done: `done in ${taken(row.seconds, duration)}`,
    failed: "failed",
    cancelled: "cancelled",
  }[row.state];
  return [steps, steps ? ` · ${after}` : after.charAt(0).toUpperCase() + after.slice(1)];
}

export class Transport {
  #shown = "";
  #standing = [element("b"), element("span")];

  /** @param act is called with what the button does: pause, resume, cancel, retry, sheet, sample, … */
  constructor(act) {
    this.act = act;
    $("standing").append(...this.#standing);
  }

  /** @param playing whether the job's loop is moving now. */
  show(row, playing = false) {
    this.#showButtons(row, playing);
    const [steps, after] = standingWords(row);
    write(this.#standing[0], steps);
    write(this.#standing[1], after);
    this.#showProgress(row);
    const said = ["failed", "queued", "running"].includes(row.state) ? row.message : null;
    this.#showMessage(row.state === "failed" ? said || "It failed, and the server did not say why." : said);
    $("message").classList.toggle("calm", row.state !== "failed");
    $("message").classList.toggle("note", row.state === "running");
    tell($("badge"), stateWord(row.state));
    $("badge").dataset.state = row.state;
  }

  #showMessage(text) {
    $("message").hidden = !text;
    if (text && $("message").textContent !== text.replaceAll("`", "")) $("message").replaceChildren(...withCode(text));
  }

  /** In steps where it is known how many there are, else in per cent. */
  #showProgress(row) {
    const [most, now] = row.total ? [row.total, row.number] : [100, percent(row)];
    $("progress-fill").style.transform = `scaleX(${share(row)})`;
    $("progress").setAttribute("aria-valuemax", String(most));
    $("progress").setAttribute("aria-valuenow", String(now));
    $("progress").setAttribute("aria-valuetext", `${percent(row)} %, ${stateWord(row.state).toLowerCase()}`);
  }

  /** New buttons only when others fit, and the focus goes to what took the place of the one it was on. */
  #showButtons(row, playing) {
    const fitting = possible(row).filter((what) => what !== "copy" || canCopy);
    const wanted = fitting.map((what) => (what === "play" && playing ? "halt" : what));
    const key = `${row.id} ${row.state} ${wanted}`;
    if (key === this.#shown) return;
    const had = $("actions").contains(document.activeElement);
    const buttons = wanted.map((what) => makeButton(what, row, this.act));
    $("actions").replaceChildren(...buttons);
    if (had) find("a, button", $("actions"))?.focus();
    this.#shown = key;
  }
}
