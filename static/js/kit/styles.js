// Style sheets that come with what few people open.

import { element } from "./dom.js";

/**
 * Fetches a style sheet; resolves when what it styles can be shown.
 * @param {string} name
 * @returns {Promise<unknown>}
 */
export function styled(name) {
  const href = new URL(`../../css/${name}.css`, import.meta.url).href;
  return new Promise((onload, onerror) =>
    document.head.append(element("link", { rel: "stylesheet", href, onload, onerror })),
  );
}
