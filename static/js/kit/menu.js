// A menu is a <details> whose summary opens it. It closes when something was chosen, when the focus leaves it, or on Escape.

import { around } from "./dom.js";

/**
 * @param {HTMLDetailsElement} menu
 * @param {string} choices fits what is chosen.
 */
export function listenToMenu(menu, choices) {
  const close = () => {
    menu.open = false;
    menu.querySelector("summary")?.focus();
  };
  menu.addEventListener("focusout", (event) => {
    if (!menu.contains(/** @type {Node | null} */ (event.relatedTarget))) menu.open = false;
  });
  menu.addEventListener("click", (event) => {
    if (around(event, choices)) close();
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    event.preventDefault(); // what is around it stays open
    close();
  });
}
