// The maps of a material beside its base colour: several files, or a zip, that are brought together. Which map each is,
// its name says, and a person may say otherwise. They belong to one source texture, and are left out with another one;
// where that is cropped, so are they.

import { element, icon, tell } from "../kit/dom.js";
import { recall } from "../kit/memory.js";
import { clearComplaints, complain } from "../kit/notices.js";
import { sentence } from "../kit/words.js";
import * as api from "../state/api.js";
import { facts } from "../state/catalogue.js";

/** @import { Picture } from "../types" */

/**
 * A map; its role is empty where nobody knows it. from: the id of what it is a crop of.
 * @typedef {{ id: string, name: string, role: string, from?: string }} Entry
 */

const THUMB = 48; // pixels of the page
const BASE = "base_colour";
const OTHERWISE = { normal_dx: "normal", glossiness: "roughness" }; // the same map, given in another way
const UNKNOWN = "Not used";
const isZip = ({ name }) => /\.zip$/i.test(name);

export class MaterialMaps {
  #form;
  #pictures;
  #turn = 0; // of what is brought: the newest counts
  #followed = ""; // the source texture whose crop the maps follow just now
  #files = new Map(); // id of a map -> the file that it was read from, to be read anew as another map
  #list = element("div");
  #hint = element("p", { class: "hint", role: "status" });
  #error = element("p", { class: "field-error", role: "alert", hidden: true });
  #node = element(
    "section",
    { class: "slot", id: "material-maps", "aria-labelledby": "material-maps-heading" },
    element("h2", { id: "material-maps-heading" }, "Maps of the material"),
    this.#list,
    this.#hint,
    this.#error,
  );

  constructor(form, pictures) {
    this.#form = form;
    this.#pictures = pictures;
    pictures.source.node.after(this.#node);
    pictures.addEventListener("change", () => {
      this.#show();
      this.#follow();
    });
    this.#show();
  }

  /** Sends files, or one zip, to the server: a base colour becomes the source texture, all others its maps. */
  bring(files) {
    return this.#pictures.await(this.#bring(files));
  }

  async #bring(files) {
    this.#turn += 1;
    const turn = this.#turn;
    clearComplaints();
    this.#node.hidden = false;
    tell(this.#error, "");
    tell(this.#hint, files.length === 1 ? `Reading ${files[0].name}…` : `Reading ${files.length} files…`);
    try {
      const unpacked = isZip(files[0]) ? await api.send("materials", files[0]) : null;
      const sent = unpacked?.images ?? (await this.#sent(files));
      if (turn !== this.#turn) return; // others came after these
      this.#lay(sent);
      const unknown = unpacked?.unknown ?? [];
      if (unknown.length)
        tell(this.#error, `Left out, as the name does not say which map it is: ${unknown.join(", ")}`);
    } catch (problem) {
      this.#show();
      this.#node.hidden = false;
      tell(this.#error, sentence(problem.message));
    }
  }

  async #sent(files) {
    const sent = [];
    for (const file of files) {
      const picture = await api.send("images?map=auto", file).catch((problem) => {
        throw new Error(`${file.name}: ${problem.message}`, { cause: problem });
      });
      this.#files.set(picture.id, file);
      sent.push(picture);
    }
    return sent;
  }

  /** @param {(Picture & { map: string | null })[]} brought */
  #lay(brought) {
    const unnamed = brought.filter(({ map }) => !map);
    const base = brought.find(({ map }) => map === BASE) ?? (unnamed.length === 1 ? unnamed[0] : null);
    const others = brought.filter((one) => one !== base);
    const before = base ? [] : this.#entries;
    const taken = new Set();
    const roleOf = ({ map }) => {
      const kind = OTHERWISE[map] ?? map;
      if (!map || map === BASE || taken.has(kind)) return "";
      taken.add(kind);
      return map;
    };
    const entries = others.map((one) => ({ id: one.id, name: one.name, role: roleOf(one) }));
    const replaced = new Set(entries.map(({ role }) => role));
    const of = base?.id ?? this.#pictures.source.picture?.id;
    if (!of) return this.#refuse("None of these files is named like a base colour, such as bricks_color.png.");
    this.#pictures.setMaps({ of, entries: [...before.filter(({ role }) => !replaced.has(role)), ...entries] });
    if (base) this.#pictures.source.set(api.pictureOf(base));
    return undefined;
  }

  #refuse(words) {
    this.#show();
    this.#node.hidden = false;
    tell(this.#error, words);
  }

  /** @returns {Entry[]} those of the source texture that is there now */
  get #entries() {
    const { of, entries } = this.#pictures.maps ?? { entries: [] };
    return of && of === this.#pictures.source.picture?.id ? entries : [];
  }

  #show() {
    const entries = this.#entries;
    this.#node.hidden = !entries.length;
    tell(this.#error, "");
    this.#list.replaceChildren(...entries.map((entry) => this.#card(entry)));
    const { chosen } = this.#form;
    const words = "They follow the pixels of the source texture, and the result is a material.";
    const carriers = facts.methods.filter(({ carries, listed }) => carries && listed).map(({ title }) => title);
    tell(
      this.#hint,
      !chosen || chosen.carries ? words : `${chosen.title} does not take them along: ${carriers.join(", ")} do.`,
    );
  }

  /** Crops the maps as the source texture was cropped, each from what it was at first. */
  async #follow() {
    const { of, base = of, entries } = this.#pictures.maps ?? {};
    const id = this.#pictures.source.picture?.id;
    if (!id || !of || id === of || id === this.#followed) return;
    const { original, edit } = recall("edits", {})[id] ?? {};
    if (id !== base && original?.id !== base) return;
    if (edit?.quarter_turns || edit?.angle) {
      complain("The source texture was turned, and its maps were not: they are left out.");
      return;
    }
    this.#followed = id;
    try {
      const cropping = Promise.all(entries.map((entry) => this.#cropped(entry, id === base ? null : edit)));
      const cropped = await this.#pictures.await(cropping);
      if (this.#pictures.source.picture?.id === id) this.#pictures.setMaps({ of: id, base, entries: cropped });
    } catch (problem) {
      complain(sentence(problem.message));
    }
    this.#followed = "";
  }

  async #cropped(entry, edit) {
    const { id, from = id } = entry;
    return { ...entry, from, id: edit ? (await api.edit(from, edit)).id : from };
  }

  #card(entry) {
    const picture = element("img", { src: api.imagePath(entry.id, 160), alt: "", width: THUMB, height: THUMB });
    picture.addEventListener("error", () => this.#miss(entry), { once: true });
    const options = Object.entries({ "": UNKNOWN, ...facts.maps }).map(([value, title]) =>
      element("option", { value, selected: value === entry.role }, title),
    );
    const choice = element("select", { "aria-label": `What ${entry.name} is` }, ...options);
    choice.addEventListener("change", () => this.#call(entry, choice.value));
    const words = `Remove ${entry.name}`;
    const face = { type: "button", class: "quiet square", "aria-label": words, title: words };
    const remove = element("button", { ...face, onclick: () => this.#change(entry, null) }, icon("close"));
    const about = element("div", {}, element("strong", { title: entry.name }, entry.name), choice);
    return element("div", { class: "chosen" }, picture, about, remove);
  }

  /** A map that cannot be seen is taken off where the server has it no longer. */
  async #miss(entry) {
    const answer = await fetch(api.imagePath(entry.id, 160)).catch(() => null);
    if (answer?.status === 404) this.#change(entry, null);
  }

  /** It is that map: read anew, where the file is at hand, so that its bits are kept and it is checked. */
  async #call(entry, role) {
    const [file, { of }] = [this.#files.get(entry.id), this.#pictures.maps];
    if (!file || !role) return this.#change(entry, { ...entry, role });
    try {
      const { id } = await api.send(`images?map=${role}`, file);
      this.#files.set(id, file);
      return of === this.#pictures.maps?.of ? this.#change(entry, { ...entry, id, role }) : undefined;
    } catch (problem) {
      this.#show();
      return tell(this.#error, `${entry.name}: ${problem.message}`);
    }
  }

  /** @param {Entry} entry @param {Entry | null} other what takes its place */
  #change(entry, other) {
    const entries = this.#entries
      .map((one) => (one.id === entry.id ? other : one))
      .filter((one) => one !== null)
      .map((one) => (other?.role && one !== other && one.role === other.role ? { ...one, role: "" } : one));
    this.#pictures.setMaps({ ...this.#pictures.maps, entries });
  }
}
