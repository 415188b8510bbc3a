// The colours of the theme, for what is drawn on a canvas.

import { element } from "./dom.js";

/**
 * "--accent" -> "rgb(…)", as it is in the theme that is shown.
 * @param {string} name
 */
export const colour = (name) => {
  // light-dark() is only resolved on a real property, so let an element resolve it.
  const probe = element("i");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
};
