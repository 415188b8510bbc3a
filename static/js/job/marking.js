// A job's name and star, given beside its title; and the way to the comparison that it is a run of.

import { $, write } from "../kit/dom.js";
import { announce, attempt } from "../kit/notices.js";
import { addressOf } from "../state/addresses.js";
import * as api from "../state/api.js";
import { facts } from "../state/catalogue.js";
import { titleOf } from "../state/names.js";

/** @import { Jobs } from "../state/jobs.js" */
/** @import { Job } from "../types" */

/** Gives a job a name or a star, or takes it away. @param {Jobs} jobs */
export async function markJob(jobs, id, marks) {
  const marked = /** @type {Job | null} */ (await attempt(() => api.mark("job", id, marks)));
  if (!marked) return;
  jobs.setRow(marked);
  announce("name" in marks ? `Named ${titleOf(marked)}.` : marked.star ? "Starred." : "Star removed.");
}

export class Marking {
  #jobs;
  #row = null;

  /** @param {Jobs} jobs */
  constructor(jobs) {
    this.#jobs = jobs;
    jobs.addEventListener("named", () => this.#showComparison());
    $("job-star").addEventListener("click", () => this.#mark({ star: !this.#row.star }));
    $("job-rename").addEventListener("click", () => this.#begin());
    $("job-name").addEventListener("keydown", (event) => this.#key(event));
    $("job-name").addEventListener("blur", () => this.#end(true));
  }

  /** @param row of the job that is shown, or null. */
  show(row) {
    if (row?.id !== this.#row?.id) this.#end(false);
    this.#row = row;
    const isOurs = Boolean(row) && !this.#jobs.isGuest(row);
    $("job-star").hidden = $("job-rename").hidden = !isOurs;
    this.#showComparison();
    if (!isOurs) return;
    write($("job-title"), titleOf(row));
    $("job-star").setAttribute("aria-pressed", String(row.star));
    $("job-star").setAttribute("aria-label", `Star ${titleOf(row)}`);
    $("job-rename").setAttribute("aria-label", `Rename ${titleOf(row)}`);
  }

  #showComparison() {
    const comparison = this.#row?.comparison;
    const link = $("job-comparison");
    link.hidden = !comparison;
    if (!comparison) return;
    link.href = addressOf("comparison", comparison);
    const name = this.#jobs.names.get(comparison);
    write(link, name ? `Part of the comparison ${name}` : "Part of a comparison");
  }

  // --- the name: Enter and leaving keep it, Esc does not

  #begin() {
    const field = $("job-name");
    field.maxLength = facts.limits.name;
    field.value = this.#row.name ?? "";
    field.placeholder = titleOf({ ...this.#row, name: null });
    this.#open(true);
    field.focus();
    field.select();
  }

  #open(isOpen) {
    $("job-name").hidden = !isOpen;
    $("job-title").hidden = isOpen;
  }

  #key(event) {
    if (event.key !== "Enter" && event.key !== "Escape") return;
    event.preventDefault();
    this.#end(event.key === "Enter");
    $("job-rename").focus();
  }

  #end(isKept) {
    if ($("job-name").hidden) return;
    const name = $("job-name").value.trim();
    this.#open(false);
    if (isKept && name !== (this.#row.name ?? "")) this.#mark({ name });
  }

  #mark(marks) {
    return markJob(this.#jobs, this.#row.id, marks);
  }
}
