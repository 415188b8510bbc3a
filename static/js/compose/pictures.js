// The pictures that go into the next job: a slot for each role that its method takes. What a method does not need, and
// has not been given, is offered by a small button. Events: "change"; "local", as slots have it.

import { $, element, find, icon } from "../kit/dom.js";
import { recall, remember } from "../kit/memory.js";
import { facts } from "../state/catalogue.js";
import { pictureName } from "../state/names.js";
import { Slot } from "./slot.js";

const STYLES = ["style2", "style3", "style4"];
const SOURCES = ["source2", "source3", "source4"];
const ROLES = ["source", ...SOURCES, ...STYLES, "content", "initial", "mask", "exemplar_guide", "guide"]; // in the order of the page
const OFFERS = {
  content: "Content picture",
  mask: "Mask",
  initial: "Starting picture",
  exemplar_guide: "Guide",
  guide: "Guide",
  source2: "Source texture",
  source3: "Source texture",
  source4: "Source texture",
}; // all others are styles
const EXEMPLAR = { name: "source", title: "Source texture", words: "a source picture", needed: true };
const PLAIN = [{ roles: [EXEMPLAR] }]; // until it is known what there is

/** The roles of several methods together: needed where one of them needs it, and called as the first one calls it. */
function rolesOf(methods) {
  const found = new Map();
  for (const role of methods.flatMap(({ roles }) => roles)) {
    const before = found.get(role.name) ?? role;
    found.set(role.name, { ...before, needed: before.needed || role.needed });
  }
  return found;
}

export class Pictures extends EventTarget {
  maps = recall("maps", null); // {of, entries}: of which source texture, and {id, name, role} of each
  #slots = new Map(); // role -> slot
  #coming = null; // promise of the maps that are on their way
  #wanted = PLAIN; // the methods that are to be given pictures, as the server describes them
  #offers = element("div", { class: "slot-offers", role: "group", "aria-label": "More pictures" });

  /** @param ways of the slots: to choose a picture, and to crop it. */
  constructor(ways) {
    super();
    for (const role of ROLES) this.#add(new Slot(role, ways));
    $("pictures").append(...[...this.#slots.values()].map(({ node }) => node), this.#offers);
    this.#arrange();
  }

  #add(slot) {
    this.#slots.set(slot.role, slot);
    slot.addEventListener("show", () => this.#arrange());
    for (const event of ["change", "local"]) slot.addEventListener(event, () => this.dispatchEvent(new Event(event)));
  }

  get source() {
    return this.#slots.get("source");
  }

  get(role) {
    return this.#slots.get(role);
  }

  /** The slots that hold styles, first to fourth; an empty one where there is none of that number. */
  get styles() {
    return ["source", ...STYLES].map((role) => this.#slots.get(role));
  }

  /** The slots of source textures that hold one, where several are taken: each is a part of the result. */
  get sources() {
    const several = ["source", ...SOURCES].map((role) => this.#slots.get(role));
    return this.takes("source2") ? several.filter(({ picture }) => picture) : [this.source];
  }

  /** The next slot for one more of them; undefined where there are enough. */
  get nextSource() {
    return this.takes("source2") ? SOURCES.map((role) => this.#slots.get(role)).find(({ used }) => !used) : undefined;
  }

  /** Whether what may be run next takes a picture in that role. */
  takes(role) {
    return rolesOf(this.#wanted).has(role);
  }

  has(slot) {
    return this.#slots.get(slot.role) === slot;
  }

  /** @param methods that may be run next, the one that is chosen first. */
  want(methods) {
    const names = (wanted) => wanted.map(({ name }) => name).join();
    if (names(methods) !== names(this.#wanted)) this.clearProblems(); // of a method that is not asked for any more
    this.#wanted = methods;
    this.#arrange();
    this.dispatchEvent(new Event("change"));
  }

  /** What these methods are given, by role. */
  given(methods) {
    const taken = rolesOf(methods);
    const full = [...this.#slots.values()].filter(({ role, picture }) => picture && taken.has(role));
    return Object.fromEntries([...full.map(({ role, picture }) => [role, picture.id]), ...this.#carried(methods)]);
  }

  #carried(methods) {
    if (!this.maps || this.maps.of !== this.source.picture?.id || !methods.some(({ carries }) => carries)) return [];
    return this.maps.entries.filter(({ role }) => role).map(({ role, id }) => [role, id]);
  }

  /** The maps of the source texture: see material-maps.js. */
  setMaps(maps) {
    this.maps = maps;
    remember("maps", maps);
    this.dispatchEvent(new Event("change"));
  }

  /** The slots that these methods need a picture in, and which are empty. */
  lacking(methods) {
    const roles = rolesOf(methods);
    return [...this.#slots.values()].filter(({ role, picture }) => !picture && roles.get(role)?.needed);
  }

  /**
   * What the next job waits for besides its slots.
   * @template T
   * @param {Promise<T>} work
   */
  await(work) {
    this.#coming = Promise.allSettled([this.#coming, work]);
    return work;
  }

  /** Until no file is on its way to these methods any more; the slots that refused theirs. */
  async arrivals(methods) {
    await this.#coming;
    const slots = [...this.#slots.values()].filter(({ role }) => rolesOf(methods).has(role));
    while (slots.some(({ isBusy }) => isBusy)) await Promise.all(slots.map(({ arrival }) => arrival));
    return slots.filter(({ complains }) => complains);
  }

  /** Where a picture goes that was brought without saying where. */
  get next() {
    return this.lacking(this.#wanted).find(({ isBusy }) => !isBusy) ?? this.source;
  }

  /** What the next job repaints, or else its exemplar: the slot of the picture that is worth looking at. */
  get foremost() {
    const content = this.#slots.get("content");
    return (content.picture ?? content.local) && rolesOf(this.#wanted).get("content")?.needed ? content : this.source;
  }

  /** The pictures of a job, for another one of its method, which takes these roles. */
  fill(row, roles) {
    const maps = Object.keys(row.images).filter((role) => role in facts.maps);
    const entries = maps.map((role) => ({ id: row.images[role], name: pictureName(row, role), role }));
    this.setMaps(maps.length ? { of: row.images.source, entries } : null);
    for (const [role, slot] of this.#slots) {
      if (role in row.images) slot.set({ id: row.images[role], name: pictureName(row, role) });
      else if (roles.includes(role)) slot.set(null);
    }
  }

  /** The slot in which a problem is to be seen that names images.<role>; undefined where it is not on the page. */
  blamed(field) {
    const slot = this.#slots.get(field?.match(/^images\.(\w+)$/)?.[1]);
    return slot && rolesOf(this.#wanted).has(slot.role) && !$("pictures").hidden ? slot : undefined;
  }

  clearProblems() {
    for (const slot of this.#slots.values()) slot.complain("");
  }

  #arrange() {
    const roles = rolesOf(this.#wanted);
    const held = [...this.#slots.values()].find(({ node }) => node.contains(document.activeElement));
    for (const [role, slot] of this.#slots) {
      const about = roles.get(role);
      slot.node.hidden = !about || !(about.needed || slot.used);
      if (about) slot.call(about);
    }
    this.#showOffers(roles);
    if (held?.node.hidden) this.#offerOf(held)?.focus({ preventScroll: true });
  }

  /** The button that brings a slot back, or the one that brings another style. */
  #offerOf({ name }) {
    return find(`[data-slot="${name}"]`, this.#offers) ?? find("*", this.#offers);
  }

  #showOffers(roles) {
    const free = [...this.#slots.values()].filter(({ role, node }) => roles.has(role) && node.hidden);
    const next = [STYLES, SOURCES].map((several) => free.find(({ role }) => several.includes(role)));
    const [isOne, isPair] = [this.sources.length < 2, this.get("exemplar_guide").used];
    const later = [...STYLES, ...SOURCES, isOne && !isPair ? "guide" : "", isOne ? "" : "exemplar_guide"]; // of a pair one comes first
    const offered = free.filter((slot) => next.includes(slot) || !later.includes(slot.role));
    if (offered.map(({ name }) => name).join() === this.#offers.dataset.names) return;
    this.#offers.dataset.names = offered.map(({ name }) => name).join();
    this.#offers.replaceChildren(...offered.map((slot) => this.#offer(slot)));
    this.#offers.hidden = !offered.length;
  }

  #offer(slot) {
    const words = OFFERS[slot.role] ?? "Style";
    const face = {
      type: "button",
      class: "plain",
      "data-slot": slot.name,
      "aria-label": `Add a ${words.toLowerCase()}`,
      onclick: () => slot.browse(),
    };
    return element("button", face, icon("plus"), element("span", {}, words));
  }
}
