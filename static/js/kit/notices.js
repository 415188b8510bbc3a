// What the page says: to screen readers, in banners across the top, and in notes that stay until they are read.

import { $, element } from "./dom.js";

/**
 * A sentence for those who do not see the picture change.
 * @param {string} text
 */
export function announce(text) {
  $("status").textContent = text;
}

/**
 * An error in words, until it is dismissed; the same one is not shown twice.
 * @param {string} text
 */
export function complain(text) {
  const shown = [...$("toasts").children].some((toast) => toast.firstChild?.textContent === text);
  if (shown) return;
  const toast = element("div", { class: "toast" }, element("p", {}, text));
  toast.append(element("button", { type: "button", class: "quiet", onclick: () => toast.remove() }, "Dismiss"));
  $("toasts").append(toast);
}

const OFFERED = 10_000; // ms; the clock stands still while somebody points at the offer, or has the focus on it

/**
 * A note that offers something for a while: `words` says what has happened, `label` what can be done about it.
 * Returns a function that takes the offer, or null once it is too late.
 * @template T
 * @param {string} words
 * @param {string} label
 * @param {() => T} work
 */
export function offer(words, label, work) {
  const node = element("div", { class: "toast offer" }, element("p", {}, words));
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let clock;
  const close = () => {
    clearTimeout(clock);
    node.remove();
  };
  const take = () => {
    close();
    return work();
  };
  const wait = () => {
    clearTimeout(clock);
    if (!node.matches(":hover, :focus-within")) clock = setTimeout(close, OFFERED);
  };
  for (const event of ["pointerenter", "pointerleave", "focusin", "focusout"])
    node.addEventListener(event, () => setTimeout(wait)); // once the new focus is known
  node.append(element("button", { type: "button", class: "quiet", onclick: take }, label));
  $("offers").append(node);
  wait();
  return () => (node.isConnected ? take() : null);
}

const MENTIONED = 4000; // ms

/**
 * A note that goes by itself; the same one is not shown twice.
 * @param {string} words
 */
export function mention(words) {
  const shown = [...$("offers").children].some((note) => note.textContent === words);
  if (shown) return;
  const node = element("div", { class: "toast offer" }, element("p", {}, words));
  $("offers").append(node);
  setTimeout(() => node.remove(), MENTIONED);
}

/**
 * The outcome of some work, or null when it failed: then the reason has been shown.
 * @template T
 * @param {() => T | Promise<T>} work
 */
export async function attempt(work) {
  try {
    return await work();
  } catch (problem) {
    complain(problem.message);
    return null;
  }
}

export function clearComplaints() {
  $("toasts").replaceChildren();
}

/**
 * Puts a banner in the place called `name`, or takes it away when there is nothing to say.
 * @param {string} name
 * @param {...(Node | string)} content
 */
export function banner(name, kind = "", ...content) {
  const id = `banner-${name}`;
  document.getElementById(id)?.remove();
  if (!content.length) return null;
  const node = element("div", { id, class: `banner ${kind}`, role: "status" }, ...content);
  $("banners").append(node);
  return node;
}
