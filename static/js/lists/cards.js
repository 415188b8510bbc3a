// Cards of the history and of the shelf of models: a picture, words, what can be done; and the keys to move among them.

import { element, icon, tell } from "../kit/dom.js";
import { day } from "../kit/words.js";
import * as api from "../state/api.js";

const SIDE = 256; // pixels that a picture is laid out with before it has come
const SOON = 7 * 24 * 60 * 60 * 1000; // ms before an entry goes in which that is marked
const MOSAIC = 4; // runs of a comparison that a card has room for

function exemplarPicture(id, size, className) {
  return element("img", {
    class: className,
    src: api.imagePath(id, size),
    alt: "",
    loading: "lazy",
    decoding: "async",
  });
}

/** What a job looks like: its own picture, or as long as there is none its exemplar, faintly. */
function shot(row) {
  const source = row.images.source;
  if (!row.number) return source ? exemplarPicture(source, SIDE, "faint") : element("span", { class: "no-shot" });
  const picture = element("img", { alt: "", loading: "lazy", decoding: "async", width: SIDE, height: SIDE });
  const absent = () => picture.replaceWith(shot({ ...row, number: 0 }));
  picture.addEventListener("error", absent, { once: true });
  picture.src = api.previewPath(row.id);
  return picture;
}

/** The pictures of one job or of the first runs of a comparison. */
export function mosaic(rows) {
  const tiles = rows.slice(0, MOSAIC).map((row) => element("span", { class: "tile", "data-job": row.id }, shot(row)));
  const more = rows.length - MOSAIC;
  if (more > 0) tiles.at(-1).append(element("span", { class: "more" }, `+${more}`));
  return element("span", { class: "mosaic", "data-runs": String(tiles.length) }, ...tiles);
}

/** Draws a live picture in the place of a card's still one. */
export function paintTile(tile, bitmap) {
  let canvas = tile.querySelector("canvas");
  if (!canvas) {
    canvas = element("canvas", { width: SIDE, height: SIDE, "aria-hidden": "true" });
    tile.querySelector("img, .no-shot")?.replaceWith(canvas);
  }
  const side = Math.min(bitmap.width, bitmap.height);
  const [x, y] = [(bitmap.width - side) / 2, (bitmap.height - side) / 2];
  canvas.getContext("2d").drawImage(bitmap, x, y, side, side, 0, 0, SIDE, SIDE);
}

/** A button with a picture; without `words` only the picture is seen, and `label` is said. */
export function action(picture, words, label, onclick, style = "quiet") {
  const face = words ? [icon(picture), element("span", {}, words)] : [icon(picture)];
  const square = words ? "" : " square";
  return element(
    "button",
    { type: "button", class: `${style}${square}`, "aria-label": label, title: label, onclick },
    ...face,
  );
}

/** A link to a file, looking like such a button. */
export function download(href, label) {
  return element(
    "a",
    { class: "button quiet square", href, download: "", "aria-label": label, title: label },
    icon("download"),
  );
}

/**
 * A card.
 * @param about - {id, href, place, label, pictures, source, name, words: [strings], actions, open}: `source` is the
 *   exemplar's id or null, `label` what the link to it is called, `open` is called before the link is followed.
 */
export function card(about) {
  const link = element(
    "a",
    { class: "card-open", href: about.href, "data-place": about.place, "aria-label": about.label, onclick: about.open },
    about.pictures,
  );
  const words = about.words.map((text) => element("span", { title: text }, text));
  const head = element("div", { class: "card-words" }, element("strong", {}, about.name), ...words);
  const face = about.source ? [exemplarPicture(about.source, 96, "card-source"), head] : [head];
  const state = element("p", { class: "card-state" }, element("span", { class: "dot" }), element("span"));
  return element(
    "li",
    { class: "card", "data-id": about.id },
    link,
    element("div", { class: "card-about" }, ...face),
    state,
    element("p", { class: "card-expires", hidden: true }),
    element("div", { class: "card-actions" }, ...about.actions),
  );
}

/** Says on a card when its entry is deleted by itself; nothing where it is kept. @param moment a time, or undefined. */
export function tellExpiry(node, moment) {
  const words = node.querySelector(".card-expires");
  tell(words, moment && `Kept until ${day(new Date(moment))}`);
  words.classList.toggle("soon", Boolean(moment) && Date.parse(moment) - Date.now() < SOON);
}

/** The card in the row above (-1) or below (1) that stands under the same place. */
function across(cards, from, way) {
  const [{ left }, tops] = [from.getBoundingClientRect(), cards.map((one) => one.getBoundingClientRect().top)];
  const at = cards.indexOf(from);
  const beyond = cards.filter((_, index) => way * (tops[index] - tops[at]) > 1);
  const row = way > 0 ? beyond[0] : beyond.at(-1);
  if (!row) return null;
  const top = row.getBoundingClientRect().top;
  const level = beyond.filter((one) => Math.abs(one.getBoundingClientRect().top - top) <= 1);
  const distance = (one) => Math.abs(one.getBoundingClientRect().left - left);
  return level.reduce((best, one) => (distance(one) < distance(best) ? one : best));
}

/** Arrow keys go from card to card, Delete deletes the one that has the focus: `remove` is given its id. */
export function listenForCardKeys(list, remove) {
  list.addEventListener("keydown", (event) => {
    const from = event.target.closest(".card");
    if (!from || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Delete") return remove(from.dataset.id);
    const cards = [...list.querySelectorAll(".card")];
    const at = cards.indexOf(from);
    const next = { ArrowLeft: cards[at - 1], ArrowRight: cards[at + 1] }[event.key];
    const way = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const goal = way ? across(cards, from, way) : next;
    if (!goal) return;
    event.preventDefault();
    goal.querySelector(".card-open").focus();
  });
}

/** Takes a card out; the focus, if it was there, goes to the next one, or else to `otherwise`. */
export function takeOut(node, otherwise) {
  const had = node.contains(document.activeElement);
  const next = (node.nextElementSibling ?? node.previousElementSibling)?.querySelector(".card-open");
  node.remove();
  if (had) (next ?? otherwise).focus();
}
