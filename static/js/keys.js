// Single keys, listed in the help. They rest while somebody types, and can be switched off.

import { $, element } from "./dom.js";
import { recall, remember } from "./memory.js";

const WORDS = [
  ["Space", "Pause or resume"],
  ["1", "2", "3", "Show the tile 1×1, 2×2, 3×3"],
  ["d", "Download the tile"],
  ["s", "Download a sheet"],
  ["x", "Cancel the job"],
  ["r", "Retry"],
  ["[", "]", "Newer job, older job"],
  ["n", "A new texture"],
  ["o", "Open a picture file"],
  ["t", "Theme: auto, light, dark"],
  ["?", "This help"],
  ["Ctrl", "Enter", "Start, from anywhere in the form"],
];

const typing = (target) =>
  target.closest?.("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]");
const pressing = (target) => target.closest?.("button, a, summary, input:not([type=radio]:checked)");

function listKeys() {
  const rows = WORDS.map((row) => [row.slice(0, -1), row.at(-1)]);
  $("keys").replaceChildren(
    ...rows.flatMap(([keys, words]) => {
      const caps = keys.flatMap((key, index) => (index ? [" ", element("kbd", {}, key)] : [element("kbd", {}, key)]));
      return [element("dt", {}, ...caps), element("dd", {}, words)];
    }),
  );
}

/** @param actions key -> function; " " is the space bar. */
export function listenForKeys(actions) {
  listKeys();
  $("keys-on").checked = recall("keys", true);
  $("keys-on").addEventListener("change", () => remember("keys", $("keys-on").checked));
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (typing(event.target) || document.querySelector("dialog[open]")) return;
    if (event.key === " " && pressing(event.target)) return; // the space bar presses what has the focus
    if (!$("keys-on").checked && event.key !== "?") return;
    const action = actions[event.key];
    if (!action || event.repeat) return;
    event.preventDefault();
    action();
  });
}
