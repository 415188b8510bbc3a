// Light, dark, or as the system says.

import { $, iconAddress } from "../kit/dom.js";
import { recall, remember } from "../kit/memory.js";

const THEMES = ["auto", "light", "dark"];
const WORDS = { auto: "Auto", light: "Light", dark: "Dark" };
const system = matchMedia("(prefers-color-scheme: dark)");

function apply(theme) {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  $("theme-icon").setAttribute("href", iconAddress(theme));
  $("theme-word").textContent = WORDS[theme];
  $("theme").setAttribute("aria-label", `Theme: ${WORDS[theme].toLowerCase()}. Change`);
}

/** Returns a function that goes on to the next theme. `changed` is called after each change, the system's included. */
export function startTheme(changed) {
  let theme = recall("theme", "auto");
  if (!THEMES.includes(theme)) theme = "auto";
  apply(theme);
  const next = () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    remember("theme", theme);
    apply(theme);
    changed();
  };
  $("theme").addEventListener("click", next);
  system.addEventListener("change", changed);
  return next;
}
