// Several pictures brought at once: one job for each, with the settings of the form and its other pictures.

import { $, element } from "../kit/dom.js";
import { sentence } from "../kit/words.js";
import * as api from "../state/api.js";
import { facts } from "../state/catalogue.js";

/** @import { Jobs } from "../state/jobs.js" */

const FULL = 429; // the server takes no more of this session just now
const SHOWN = 3; // names of pictures

const MAP =
  /[\s._-](base_?colou?r|albedo|diff(use)?|col(or|our)?|nor(mal)?([\s._-]?(gl|dx))?|nrm|height|disp(lacement)?|rough(ness)?|gloss(iness)?|metal(lic|ness)?|ao|(ambient)?occlusion|emissi(ve|on)|opacity|orm|arm)(?=[\s._-])/i; // the server knows more names, and decides

/** @param {File[]} files */
const namesOf = (files) => {
  const names = files.slice(0, SHOWN).map(({ name }) => name);
  return [...names, ...(files.length > SHOWN ? [`${files.length - SHOWN} more`] : [])].join(", ");
};

export class Several {
  #jobs;
  #form;
  #pictures;

  /** @param {Jobs} jobs */
  constructor(jobs, form, pictures) {
    this.#jobs = jobs;
    this.#form = form;
    this.#pictures = pictures;
  }

  /**
   * Whether files seem to be the maps of one material: half of them or more are named like one.
   * @param {File[]} files
   */
  areMaps(files) {
    return files.filter(({ name }) => MAP.test(name)).length >= files.length / 2;
  }

  /**
   * Offers to start a job for each, or to take them for the maps of one material.
   * @param {File[]} files
   * @param slot which of a job's pictures they are
   * @param {(file: File) => unknown} takeFirst what is done with a single one
   * @param {(files: File[]) => unknown} takeMaps what is done with maps
   */
  offer(files, slot, takeFirst, takeMaps) {
    const node = element("div", { class: "toast offer", role: "status" });
    const instead = (work) => () => {
      node.remove();
      work();
    };
    this.#say(node, `${files.length} pictures: ${namesOf(files)}.`, {
      "Start one job for each": () => this.#start(node, files, slot),
      ...(slot === this.#pictures.source && { "Use as maps of one material": instead(() => takeMaps(files)) }),
      "Use only the first": instead(() => takeFirst(files[0])),
    });
    $("offers").append(node);
  }

  /**
   * @param {HTMLElement} node of the offer
   * @param {string} words
   * @param {Record<string, () => unknown>} [ways] by what the button says
   */
  #say(node, words, ways) {
    const all = Object.entries({ ...ways, Dismiss: () => node.remove() });
    const button = ([label, work]) => element("button", { type: "button", class: "quiet", onclick: work }, label);
    const buttons = ways ? [element("div", { class: "toast-ways" }, ...all.map(button))] : [];
    node.replaceChildren(element("p", {}, words), ...buttons);
  }

  /** One after the other; what cannot be is told in the end, and stops no other. */
  async #start(node, files, slot) {
    const [request, method, { role }] = [this.#form.request(), this.#form.chosen, slot];
    const lacking = this.#pictures.lacking([method]).find((one) => one.role !== role);
    if (!this.#form.check()) return;
    if (lacking) return void lacking.complain(`The ${lacking.title.toLowerCase()} is missing.`);
    const isOfSource = (name) => role === "source" && name in facts.maps; // they belong to the one in the form
    const given = Object.entries(this.#pictures.given([method]));
    const others = Object.fromEntries(given.filter(([name]) => !isOfSource(name)));
    const refused = [];
    let [rest, started] = [files, 0];
    while (rest.length) {
      const { name } = rest[0];
      this.#say(node, `Starting ${files.length - rest.length + 1} of ${files.length}: ${name}`);
      try {
        const { id } = await api.upload(rest[0]);
        this.#jobs.setRow(await api.start({ ...request, images: { ...others, [role]: id } }));
        started += 1;
      } catch (problem) {
        refused.push(`${name}: ${sentence(problem.message)}`);
        if (problem.status === FULL) break;
      }
      rest = rest.slice(1);
    }
    this.#say(node, [`${started} of ${files.length} jobs started.`, ...refused].join(" "), {
      ...(rest.length && { "Start the rest": () => this.#start(node, rest, slot) }),
    });
  }
}
