// Cards of the history and of the models: a picture, words, what can be done; and the keys to move among them.

import { useEffect, useRef, useState } from "../../vendor/preact-hooks.js";
import { iconAddress } from "../kit/dom.js";
import { html } from "../kit/html.js";
import { day } from "../kit/words.js";
import * as api from "../state/api.js";
import { isUnfinished } from "../state/rows.js";
import { paintMiddle } from "./painting.js";

const SIDE = 256; // pixels that a picture is laid out with before it has come
const SOON = 7 * 24 * 60 * 60 * 1000; // ms before an entry goes in which that is marked
const MOSAIC = 4; // runs of a comparison that a card has room for

export const Icon = ({ name }) =>
  html`<svg class="icon" aria-hidden="true"><use href=${iconAddress(name)}></use></svg>`;

function Exemplar({ id, size, kind }) {
  return html`<img class=${kind} src=${api.imagePath(id, size)} alt="" loading="lazy" decoding="async" />`;
}

/** What a job looks like: its own picture, or as long as there is none its source texture, faintly. */
function Shot({ row }) {
  const [isAbsent, setAbsent] = useState(false);
  const { source } = row.images;
  if (row.number && row.state !== "running" && !isAbsent)
    return html`<img
      src=${api.previewPath(row.id)}
      alt=""
      loading="lazy"
      decoding="async"
      width=${SIDE}
      height=${SIDE}
      onError=${() => setAbsent(true)}
    />`;
  return source ? html`<${Exemplar} id=${source} size=${SIDE} kind="faint" />` : html`<span class="no-shot"></span>`;
}

/** A job's picture; while it runs, the live one. */
function Tile({ row, jobs, children }) {
  const [isLive, setLive] = useState(false);
  const canvas = useRef(null);
  useEffect(() => {
    const show = ({ detail }) => {
      const picture = detail.id === row.id && jobs.pictures.get(row.id);
      if (!picture) return;
      paintMiddle(canvas.current.getContext("2d"), picture.bitmap, [0, 0, SIDE, SIDE]);
      setLive(true);
    };
    show({ detail: row });
    jobs.addEventListener("picture", show);
    return () => jobs.removeEventListener("picture", show);
  }, [row.id]);
  const live = isLive && isUnfinished(row);
  return html`<span class="tile" data-job=${row.id}>
    <canvas ref=${canvas} width=${SIDE} height=${SIDE} hidden=${!live} aria-hidden="true"></canvas>
    ${!live && html`<${Shot} key=${row.state} row=${row} />`}${children}
  </span>`;
}

/** The pictures of one job or of the first runs of a comparison. */
function Mosaic({ rows, jobs }) {
  const shown = rows.slice(0, MOSAIC);
  const more = rows.length - MOSAIC;
  return html`<span class="mosaic" data-runs=${shown.length}>
    ${shown.map(
      (row, at) =>
        html`<${Tile} key=${row.id} row=${row} jobs=${jobs}>
          ${more > 0 && at === MOSAIC - 1 && html`<span class="more">+${more}</span>`}
        <//>`,
    )}
  </span>`;
}

/** A button with a picture; without `words` only the picture is seen, and `label` is said. */
export function Act({ icon, words = "", label, kind = "quiet", ...more }) {
  return html`<button
    type="button"
    class=${words ? kind : `${kind} square`}
    aria-label=${label}
    title=${label}
    ...${more}
  >
    <${Icon} name=${icon} />${words && html`<span>${words}</span>`}
  </button>`;
}

/** A link to a file, looking like such a button. */
export function Download({ href, words = "", label, kind = "quiet" }) {
  const style = words ? `button ${kind}` : `button ${kind} square`;
  return html`<a class=${style} href=${href} download="" aria-label=${label} title=${label}>
    <${Icon} name="download" />${words && html`<span>${words}</span>`}
  </a>`;
}

/** When an entry is deleted by itself; nothing where it is kept. */
function Expiry({ moment }) {
  if (!moment) return null;
  const soon = Date.parse(moment) - Date.now() < SOON;
  return html`<p class=${soon ? "card-expires soon" : "card-expires"}>Kept until ${day(new Date(moment))}</p>`;
}

/**
 * A card. `label` is what the link to it is called, `name` an element or a text, `lines` are further words, `state` and
 * `standing` the job's, `made` when it was, `expires` when it goes by itself; `over` lies on the picture.
 */
export function Card({ id, href, place, label, rows, jobs, name, lines, state, standing, made, expires, ...more }) {
  const source = rows[0]?.images.source;
  return html`<li class="card" data-id=${id} data-state=${state} data-chosen=${more.chosen}>
    <div class="card-picture">
      <a class="card-open" href=${href} data-place=${place} aria-label=${label} onClick=${more.open}>
        <${Mosaic} rows=${rows} jobs=${jobs} />
      </a>
      ${more.over}
    </div>
    <div class="card-about">
      ${source && html`<${Exemplar} id=${source} size=${96} kind="card-source" />`}
      <div class="card-words">${name}${lines.map((text) => html`<span title=${text}>${text}</span>`)}</div>
    </div>
    <p class="card-state" title=${made}><span class="dot"></span><span>${standing}</span></p>
    <${Expiry} moment=${expires} />
    <div class="card-actions">${more.children}</div>
  </li>`;
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

/**
 * What listens to keys on a list of cards: arrows go from card to card, and each of `actions`, by its key, is given the
 * id of the card that has the focus.
 */
export const cardKeys = (actions) => (event) => {
  const from = event.target.closest(".card");
  if (!from || event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input:not([type=checkbox])"))
    return;
  const act = actions[event.key];
  if (act && (event.key !== " " || event.target.matches(".card-open"))) {
    event.preventDefault();
    return act(from.dataset.id);
  }
  const cards = [...event.currentTarget.querySelectorAll(".card")];
  const at = cards.indexOf(from);
  const next = { ArrowLeft: cards[at - 1], ArrowRight: cards[at + 1] }[event.key];
  const way = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  const goal = way ? across(cards, from, way) : next;
  if (!goal) return;
  event.preventDefault();
  goal.querySelector(".card-open").focus();
};

/** Before cards are taken out: the focus, if one of them has it, goes to the next that stays, or else to `otherwise`. */
export function leave(list, ids, otherwise) {
  const cards = [...list.querySelectorAll(".card")];
  const isGoing = (node) => ids.includes(node.dataset.id);
  const at = cards.findIndex((node) => isGoing(node) && node.contains(document.activeElement));
  if (at < 0) return;
  const next = cards.slice(at).find((node) => !isGoing(node)) ?? cards.findLast((node) => !isGoing(node));
  (next?.querySelector(".card-open") ?? otherwise).focus();
}
