// How a picture gets in: dropped anywhere, pasted, or chosen; a model may be dropped, too. Says at once what is neither.

import { $ } from "./dom.js";
import { isModel } from "./uploading.js";
import { figure } from "./words.js";

const MEGABYTE = 2 ** 20;
const LARGEST = 20 * MEGABYTE; // as texture/images/decoding.py has it; the server checks again
const KINDS = /^image\/(png|jpeg|webp)$/;
const ENDINGS = /\.(png|jpe?g|webp)$/i;

/** Why this file cannot be used, in words; null when it may. */
export function objection(file) {
  const name = file.name || "the picture";
  if (!KINDS.test(file.type) && !ENDINGS.test(name)) {
    const kind = file.type ? `of type ${file.type}` : "of an unknown type";
    return `${name} is ${kind}. Texture Lab reads PNG, JPEG and WebP pictures.`;
  }
  if (file.size > LARGEST)
    return `${name} has ${figure(file.size / MEGABYTE)} MB. Up to 20 MB is possible: make it smaller and try again.`;
  if (file.size === 0) return `${name} is empty.`;
  return null;
}

const holdsFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
const typing = (target) => target.matches?.("input[type=text], textarea");

function listenForDrops(take, refuse) {
  let depth = 0; // enter and leave come for every element that is crossed
  const cover = (shown) => {
    $("drop-veil").hidden = !shown;
    if (!shown) depth = 0;
  };
  addEventListener("dragenter", (event) => {
    if (!holdsFiles(event)) return;
    depth += 1;
    cover(true);
  });
  addEventListener("dragleave", () => {
    depth -= 1;
    if (depth <= 0) cover(false);
  });
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    cover(false);
    const file = event.dataTransfer.files[0];
    if (file) take(file);
    else refuse("That was a link, not a picture. Save the picture first, then drop the file.");
  });
}

function listenForPastes(take, refuse) {
  addEventListener("paste", (event) => {
    const file = [...event.clipboardData.files].find((one) => KINDS.test(one.type)) ?? event.clipboardData.files[0];
    if (file) {
      event.preventDefault();
      take(file);
    } else if (!typing(event.target))
      refuse("There is no picture on the clipboard. Copy a picture, then paste it here.");
  });
}

/** @param take is given a File that may be a picture; @param takeModel one of a model; @param refuse a sentence. */
export function listenForFiles(take, takeModel, refuse) {
  const check = (file) => {
    if (isModel(file)) return takeModel(file);
    const reason = objection(file);
    return reason ? refuse(reason) : take(file);
  };
  listenForDrops(check, refuse);
  listenForPastes(check, refuse);
  $("file").addEventListener("change", () => {
    const [file] = $("file").files;
    if (file) check(file);
    $("file").value = ""; // so that the same file can be chosen again
  });
  $("choose").addEventListener("click", () => $("file").click());
}
