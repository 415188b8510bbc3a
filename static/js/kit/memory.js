// What this browser remembers between visits. Where storage is blocked or full, nothing is, and all works.

const PREFIX = "texture-lab.";

/**
 * @template T
 * @param {string} key
 * @param {T} fallback
 * @returns {T} what was remembered, of the fallback's type unless somebody has changed it
 */
export function recall(key, fallback) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + key) ?? "null") ?? fallback;
  } catch {
    return fallback;
  }
}

/** @param {string} key @param {unknown} value */
export function remember(key, value) {
  try {
    localStorage.setItem(PREFIX + key, JSON.stringify(value));
  } catch {
    // See above.
  }
}
