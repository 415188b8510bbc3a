// Small tools for making and finding elements.

const ICONS = new URL("../../icons.svg", import.meta.url).href;
const SVG = "http://www.w3.org/2000/svg";

/** @import { Ids } from "../types" */

/**
 * The element of the page that has this id.
 * @template {keyof Ids} Id
 * @param {Id} id
 */
export const $ = (id) => /** @type {Ids[Id]} */ (/** @type {unknown} */ (document.getElementById(id)));

/**
 * An element. Properties are set as properties where there is one, else as attributes; "on…" are listeners.
 * @template {string} Tag
 * @param {Tag} tag
 * @param {Record<string, any>} properties
 * @param {...(Node | string | null | undefined | false)} children
 * @returns {Tag extends keyof HTMLElementTagNameMap ? HTMLElementTagNameMap[Tag] : HTMLElement}
 */
export function element(tag, properties = {}, ...children) {
  const node = /** @type {Record<string, any> & HTMLElement} */ (document.createElement(tag));
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "class") node.className = value;
    else if (name in node) node[name] = value;
    else node.setAttribute(name, value);
  }
  for (const child of children) if (child !== null && child !== undefined && child !== false) node.append(child);
  return /** @type {any} */ (node); // TypeScript cannot follow which element a tag makes
}

/**
 * The first element that a selector finds within a node.
 * @param {string} selector
 * @param {ParentNode} within
 * @returns {HTMLElement | null}
 */
export const find = (selector, within = document) => within.querySelector(selector);

/**
 * All elements that a selector finds.
 * @param {string} selector
 * @param {ParentNode} within
 * @returns {HTMLElement[]}
 */
export const findAll = (selector, within = document) => [...within.querySelectorAll(selector)].map(asHtml);

/** @param {Element} node */
const asHtml = (node) => /** @type {HTMLElement} */ (node);

/**
 * The nearest element that a selector fits, around what an event is aimed at.
 * @param {Event} event
 * @param {string} selector
 * @returns {HTMLElement | null}
 */
export const around = (event, selector) => (event.target instanceof Element ? event.target.closest(selector) : null);

/**
 * The radio button, or the option, of that value in a group.
 * @param {ParentNode} group
 * @param {string | number} value
 * @returns {HTMLInputElement | null}
 */
export const choiceOf = (group, value) => group.querySelector(`[value="${value}"]`);

/**
 * The number that a person has chosen among radio buttons, as an event says it.
 * @param {Event} event
 */
export const valueOf = (event) => Number(/** @type {HTMLInputElement} */ (event.target).value);

/**
 * The same of SVG: all properties are attributes.
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | number>} attributes
 * @param {...(Node | string)} children
 */
export function drawing(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  node.append(...children);
  return node;
}

/** @param {string} name */
export function icon(name) {
  return drawing("svg", { class: "icon", "aria-hidden": "true" }, drawing("use", { href: `${ICONS}#${name}` }));
}

/** @param {string} name */
export const iconAddress = (name) => `${ICONS}#${name}`;

/**
 * Show text in a node, hide the node when there is none.
 * @param {HTMLElement} node
 * @param {string | null | undefined} text
 */
export function tell(node, text) {
  node.textContent = text ?? "";
  node.hidden = !text;
}

/**
 * A message whose `words in backticks` are something to type.
 * @param {string} text
 */
export function withCode(text) {
  return text.split("`").map((part, index) => (index % 2 ? element("code", {}, part) : part));
}

/**
 * Write text only where it differs, so that screen readers and layout are left in peace.
 * @param {Node} node
 * @param {string} text
 */
export function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
