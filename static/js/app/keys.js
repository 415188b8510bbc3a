// Single keys, listed in the help. They rest while somebody types, and can be switched off.

import { closeByBackdrop } from "../kit/dialogs.js";
import { $, element } from "../kit/dom.js";
import { recall, remember } from "../kit/memory.js";

/** Keys, and what they do. */
const WORDS = [
  ["Space", "Pause or resume; play or stop an animation"],
  ["+", "−", "Zoom in, zoom out; so do the wheel and two fingers. In a comparison click a picture first, or hold Ctrl"],
  ["0", "1", "Fit, 1:1; a double click goes from one to the other"],
  ["←", "→", "↑", "↓", "Move what is seen; or drag it"],
  ["2", "…", "5", "Show the tile 2×2 to 5×5, and once again"],
  ["e", "Offset by half: the seams come to the middle"],
  ["w", "Wipe between before and after, or between two runs; ← → move the line"],
  ["f", "Full screen; Esc leaves it"],
  ["v", "3D preview: drag or ← → ↑ ↓ turn it, with Shift they move the light"],
  ["d", "Download the tile"],
  ["c", "Copy the image"],
  ["s", "Download a tiled image"],
  ["x", "Cancel the job"],
  ["r", "Retry"],
  ["[", "]", "Newer job, older job"],
  ["Alt", "←", "→", "Move a waiting job later or sooner in the queue (also ↓ ↑, or drag it)"],
  ["n", "A new texture"],
  ["h", "History"],
  ["m", "Models"],
  ["Del", "Delete, on a card of history or models; arrows go from card to card"],
  ["F2", "Rename, on a card of the history; Space selects it, with Shift a click selects a range"],
  ["Ctrl", "A", "Select all cards of the history; Esc selects none"],
  ["z", "Undo the last delete"],
  ["o", "Open a picture file"],
  ["t", "Theme: auto, light, dark"],
  ["?", "This help"],
  ["Ctrl", "Enter", "Start, from anywhere in the form"],
];

const HELD = ["+", "=", "-", "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"]; // go on while they are held

const typing = (target) =>
  target.closest?.("input:not([type=radio], [type=checkbox], [type=range]), textarea, select, [contenteditable]");
/** What has a use of its own for the arrow keys. */
const moving = (target) => target.closest?.("input, [role=slider], [role=listbox], summary, .cards, .run-table");
const pressing = (target) => target.closest?.("button, a, summary, input:not([type=radio]:checked)");

function listKeys() {
  $("keys").replaceChildren(
    ...WORDS.flatMap((row) => {
      const [keys, words] = [row.slice(0, -1), row.at(-1)];
      const caps = keys.flatMap((key, index) => (index ? [" ", element("kbd", {}, key)] : [element("kbd", {}, key)]));
      return [element("dt", {}, ...caps), element("dd", {}, words)];
    }),
  );
}

/** @param actions key -> function; " " is the space bar. One that returns false leaves the key to the browser. */
export function listenForKeys(actions) {
  listKeys();
  closeByBackdrop($("help"));
  $("keys-on").checked = recall("keys", true);
  $("keys-on").addEventListener("change", () => remember("keys", $("keys-on").checked));
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (typing(event.target) || document.querySelector("dialog[open]")) return;
    if (event.key === " " && pressing(event.target)) return; // the space bar presses what has the focus
    if (event.key.startsWith("Arrow") && moving(event.target)) return;
    if (!$("keys-on").checked && event.key !== "?") return;
    const action = actions[event.key];
    if (!action || (event.repeat && !HELD.includes(event.key))) return;
    if (action() !== false) event.preventDefault();
  });
}
