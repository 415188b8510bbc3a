// How a person moves the lens: wheel, drag, pinch and double click, on whatever element shows a pane.

import { around } from "../kit/dom.js";

/**
 * @import { Lens } from "./lens.js"
 * @import { Pane } from "./pane.js"
 * @typedef {{ clientX: number, clientY: number }} Pointed
 */

const NOTCH = 1.0015; // larger by so much for each unit that a wheel turns
const LINE = 32; // units that a wheel means by a line
const CLICK = 4; // pixels that a pointer may stray before it drags

/** @param {Pointed[]} both */
const between = ([one, other]) => ({
  clientX: (one.clientX + other.clientX) / 2,
  clientY: (one.clientY + other.clientY) / 2,
});
/** @param {Pointed[]} both */
const apart = ([one, other]) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);

/** @type {EventTarget | null} */
let pressed = null; // what was pressed last, anywhere
addEventListener("pointerdown", ({ target }) => (pressed = target), { capture: true });

/** @param {HTMLElement} node */
const wasPressed = (node) => pressed instanceof Node && node.contains(pressed);

/** @param {HTMLElement} node @param {Pane} pane @param {Lens} lens @param {boolean} scrolls */
function listenToWheel(node, pane, lens, scrolls) {
  /** @param {WheelEvent} event */
  const turn = (event) => {
    if (scrolls && !event.ctrlKey && !event.metaKey && !wasPressed(node)) return;
    event.preventDefault();
    const units = event.deltaY * (event.deltaMode ? LINE : 1) * (event.ctrlKey ? 5 : 1); // a pinch on a touchpad
    lens.zoomBy(NOTCH ** -units, pane.room, pane.place(event));
  };
  node.addEventListener("wheel", turn, { passive: false });
}

/** One pointer drags, two pinch. */
class Pointers {
  #node;
  #pane;
  #lens;
  /** @type {Map<number, Pointed>} */
  #down = new Map(); // pointer id -> where it was last
  #strayed = 0;

  /** @param {HTMLElement} node @param {Pane} pane @param {Lens} lens */
  constructor(node, pane, lens) {
    this.#node = node;
    this.#pane = pane;
    this.#lens = lens;
    node.addEventListener("pointerdown", (event) => this.#press(event));
    node.addEventListener("pointermove", (event) => this.#move(event));
    for (const end of /** @type {const} */ (["pointerup", "pointercancel"]))
      node.addEventListener(end, (event) => this.#down.delete(event.pointerId));
    // Two fingers are ours, also where one finger scrolls the page.
    node.addEventListener("touchmove", (event) => event.touches.length > 1 && event.preventDefault(), {
      passive: false,
    });
  }

  /** @param {PointerEvent} event */
  #press(event) {
    if (event.button !== 0 || around(event, "button")) return;
    this.#strayed = 0;
    this.#down.set(event.pointerId, event);
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const before = this.#down.get(event.pointerId);
    if (!before) return;
    const others = [...this.#down.entries()].filter(([id]) => id !== event.pointerId).map(([, other]) => other);
    this.#down.set(event.pointerId, event);
    if (others.length) this.#pinch([before, others[0]], [event, others[0]]);
    else this.#drag(before, event);
  }

  /** @param {Pointed} before @param {PointerEvent} event */
  #drag(before, event) {
    const [dx, dy] = [event.clientX - before.clientX, event.clientY - before.clientY];
    this.#strayed += Math.hypot(dx, dy);
    if (this.#strayed > CLICK) this.#node.setPointerCapture(event.pointerId);
    const density = window.devicePixelRatio || 1;
    if (this.#lens.canPan(this.#pane.room)) this.#lens.pan(this.#pane.room, dx * density, dy * density);
  }

  /** @param {Pointed[]} before @param {Pointed[]} after */
  #pinch(before, after) {
    const [pane, lens] = [this.#pane, this.#lens];
    const [from, to] = [pane.place(between(before)), pane.place(between(after))];
    lens.pan(pane.room, to.x - from.x, to.y - from.y);
    if (apart(before) > 0) lens.zoomBy(apart(after) / apart(before), pane.room, to);
  }
}

/**
 * Lets a person zoom on `node`, which shows `pane`: where dragging means something else.
 * @param {HTMLElement} node
 * @param {Pane} pane
 * @param {Lens} lens
 * @param {boolean} scrolls whether the wheel scrolls the page, unless Ctrl is held or the node was pressed last.
 */
export function listenForZoom(node, pane, lens, scrolls = false) {
  listenToWheel(node, pane, lens, scrolls);
  node.addEventListener("dblclick", (event) => {
    if (!around(event, "button")) lens.toggle(pane.room, pane.place(event));
  });
}

/**
 * Lets a person zoom and pan on `node`; its class "movable" says that there is more to see than it shows.
 * @param {HTMLElement} node
 * @param {Pane} pane
 * @param {Lens} lens
 * @param {boolean} scrolls as above.
 */
export function listenForGestures(node, pane, lens, scrolls = false) {
  listenForZoom(node, pane, lens, scrolls);
  new Pointers(node, pane, lens);
  pane.follow(() => node.classList.toggle("movable", lens.canPan(pane.room)));
}
