// The pictures that went into a job, beside it.

import { $, element } from "../kit/dom.js";
import * as api from "../state/api.js";
import { facts, roleTitle } from "../state/catalogue.js";
import { fittedPath, fittedTitle, isFitted } from "../state/fitted-exemplar.js";
import { exemplarOf, pictureName } from "../state/names.js";

/** @import { Jobs } from "../state/jobs.js" */

const LEARNT = [{ name: "source", title: "Style" }]; // what the model of a stylised picture was trained on

function figureOf({ role, title, path, name }) {
  const caption = element("figcaption", {}, element("b", {}, title), " ", element("span", { title: name }, name));
  const picture = element("img", { src: path, alt: `${title}: ${name}` });
  return element("figure", { "data-role": role }, caption, picture);
}

export class Given {
  #jobs;
  #form;

  /** @param {Jobs} jobs */
  constructor(jobs, form) {
    this.#jobs = jobs;
    this.#form = form;
  }

  async show(row) {
    const source = row.images.source ?? (await this.#sourceOfModel(row.images.model));
    if (row.id !== this.#jobs.selected) return;
    const pictures = this.#picturesOf({ ...row.images, source }, row);
    $("given").dataset.count = String(pictures.length);
    $("given").replaceChildren(...pictures.map(figureOf));
    $("given").hidden = !pictures.length;
  }

  #picturesOf(images, row) {
    const roles = this.#form.method(row.method)?.roles ?? (row.method === "stylise" ? LEARNT : []);
    const titleOf = (role) => roles.find(({ name }) => name === role)?.title ?? roleTitle(role);
    const nameOf = (role) => (role === "source" ? exemplarOf(row) : pictureName(row, role));
    const plain = (role) => ({ title: titleOf(role), path: api.imagePath(images[role], 512) });
    const fitted = (role) => ({ title: fittedTitle(titleOf(role)), path: fittedPath(row) });
    const face = (role) => (role === "source" && isFitted(row) ? fitted(role) : plain(role));
    const there = facts.roles.map(({ name }) => name).filter((name) => name !== "model" && images[name]);
    return there.map((role) => ({ role, name: nameOf(role), ...face(role) }));
  }

  /** The exemplar that a model was trained on; null where the model is gone. */
  async #sourceOfModel(id) {
    try {
      const model = this.#jobs.rows.get(id) ?? (await api.job(id));
      return model.images.source ?? null;
    } catch {
      return null;
    }
  }
}
