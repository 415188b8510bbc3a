// How a picture gets in: dropped anywhere, pasted, or chosen; a model may be dropped, too. Says at once what is neither.

import { slotAt } from "../compose/slot.js";
import { $, findAll, write } from "../kit/dom.js";
import { megabytes } from "../kit/words.js";
import { facts } from "../state/catalogue.js";
import { JOB_TYPE, QUEUED_TYPE } from "../state/jobs.js";
import { isModel } from "../state/model-upload.js";

/** Whether a file may be a picture, by its type or its name; the server looks at its bytes. */
function isPicture({ type, name }) {
  const known = facts.limits?.picture_types;
  return !known || known.some((one) => one === type || (one.startsWith(".") && name.toLowerCase().endsWith(one)));
}

/** Why this file cannot be used, in words; null when it may. */
function objection(file) {
  const name = file.name || "the picture";
  if (!isPicture(file)) {
    const kind = file.type ? `of type ${file.type}` : "of an unknown type";
    return `${name} is ${kind}. Texture Lab reads ${facts.limits.picture_formats} pictures.`;
  }
  const most = facts.limits?.picture_bytes ?? Infinity; // the server checks again
  if (file.size > most)
    return `${name} has ${megabytes(file.size)} MB. Up to ${megabytes(most)} MB is possible: make it smaller and try again.`;
  if (file.size === 0) return `${name} is empty.`;
  return null;
}

/** Whether what is dragged can be dropped here: files, or one of our own jobs. */
const isForUs = (event) => (event.dataTransfer?.types ?? []).some((type) => ["Files", JOB_TYPE].includes(type));
const typing = (target) => target.matches?.("input[type=text], textarea");

/** Marks the slot that would get what is dropped now; none where it would go elsewhere. */
function mark(node) {
  const aimed = node?.closest?.("[data-slot]");
  for (const one of findAll("[data-aimed]")) if (one !== aimed) delete one.dataset.aimed;
  if (aimed) aimed.dataset.aimed = "true";
}

function listenForDrops(take, takeResult, refuse, goal) {
  let depth = 0; // enter and leave come for every element that is crossed
  const cover = (shown) => {
    $("drop-veil").hidden = !shown;
    document.documentElement.toggleAttribute("data-dropping", shown);
    if (!shown) {
      depth = 0;
      mark(null);
    }
  };
  addEventListener("dragenter", (event) => {
    if (!isForUs(event)) return;
    depth += 1;
    cover(true);
    mark(event.target);
    const what = (slotAt(event.target) ?? goal()).title.toLowerCase();
    write($("drop-words"), `Drop it: a picture becomes the ${what}, a model is added to Models`);
  });
  addEventListener("dragleave", () => {
    depth -= 1;
    if (depth <= 0) cover(false);
  });
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    cover(false);
    const queued = event.dataTransfer.getData(QUEUED_TYPE); // it is for the strip, and has nothing for a slot
    if (queued) return void (slotAt(event.target) && takeResult(queued, slotAt(event.target)));
    const files = [...event.dataTransfer.files];
    const job = event.dataTransfer.getData(JOB_TYPE);
    if (job) takeResult(job, slotAt(event.target));
    else if (files.length) take(files, slotAt(event.target));
    else refuse("That was a link, not a picture. Save the picture first, then drop the file.", slotAt(event.target));
  });
}

function listenForPastes(take, refuse) {
  addEventListener("paste", (event) => {
    const file = [...event.clipboardData.files].find(isPicture) ?? event.clipboardData.files[0];
    if (file) {
      event.preventDefault();
      take([file], slotAt(event.target));
    } else if (!typing(event.target))
      refuse("There is no picture on the clipboard. Copy a picture, then paste it here.", slotAt(event.target));
  });
}

function listenForChoices(take) {
  /** @type {NodeListOf<HTMLInputElement>} */
  const inputs = document.querySelectorAll("input[data-pictures]");
  for (const input of inputs)
    input.addEventListener("change", () => {
      if (input.files.length) take([...input.files], slotAt(input));
      input.value = ""; // so that the same file can be chosen again
    });
  $("choose").addEventListener("click", () => $("file").click());
}

/**
 * What is aimed at a slot is given with that slot, all else without.
 * @param take is given a File that may be a picture; @param takeSeveral is given more than one; @param takeModel one of a model;
 *   @param takeMaterial a zip; @param takeResult the id of a job; @param refuse a sentence.
 * @param goal tells the slot of a picture that is aimed at none.
 */
export function listenForFiles({ take, takeSeveral, takeModel, takeMaterial, takeResult, refuse, goal }) {
  const check = ([file, ...others], slot) => {
    const zip = [file, ...others].find(({ name }) => /\.zip$/i.test(name));
    if (zip) return takeMaterial([zip]);
    if (others.length && !isModel(file)) return takeSeveral([file, ...others], slot, (one) => check([one], slot));
    if (isModel(file)) return takeModel(file);
    const reason = objection(file);
    return reason ? refuse(reason, slot) : take(file, slot);
  };
  listenForDrops(check, takeResult, refuse, goal);
  listenForPastes(check, refuse);
  listenForChoices(check);
}
