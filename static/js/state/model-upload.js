// A model's file on its way to the server: checked as far as the page can, sent, and told of while it goes.

import { megabytes } from "../kit/words.js";
import { Problem, modelsPath } from "./api.js";
import { facts } from "./catalogue.js";

/** @import { Job } from "../types" */

/** @param {File} file */
export const isModel = (file) => /\.safetensors$/i.test(file.name);

/**
 * Why this file cannot be a model, in words; null when it may.
 * @param {File} file
 */
export function objectionToModel(file) {
  if (!isModel(file))
    return `${file.name} is not a model. Texture Lab reads the .safetensors files that it wrote itself.`;
  const most = facts.limits?.model_bytes ?? Infinity; // the server checks again
  if (file.size > most) return `${file.name} has ${megabytes(file.size)} MB. Up to ${megabytes(most)} MB is possible.`;
  return file.size === 0 ? `${file.name} is empty.` : null;
}

/** @param {XMLHttpRequest} request @returns {Job} */
function answerOf(request) {
  const answer = request.response;
  if (request.status === 201 && answer) return answer;
  const detail = request.status
    ? `The server answered ${request.status} ${request.statusText}.`
    : "Connection lost, or the file was refused on the way.";
  throw new Problem({ status: request.status, detail, ...answer });
}

/**
 * Resolves to the model's row.
 * @param {File} file
 * @param {(share: number) => void} progress is called with the share that has been sent, 0..1.
 */
export function sendModel(file, progress) {
  const body = new FormData();
  body.append("file", file, file.name);
  const request = new XMLHttpRequest(); // fetch does not tell how much has been sent
  request.open("POST", modelsPath);
  request.responseType = "json";
  request.upload.addEventListener("progress", ({ loaded, total }) => progress(loaded / total));
  const ended = new Promise((resolve) => request.addEventListener("loadend", resolve));
  request.send(body);
  return ended.then(() => answerOf(request));
}
