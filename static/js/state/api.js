// The HTTP API. Every failure is a Problem whose message is one sentence fit to show.

import { ROOT } from "./addresses.js";

/**
 * @import {
 *   Catalogue, Comparison, Continuation, Edit, Entry, Expected, Job, Lattice, Picture, Plan, Point, ProblemDocument, Run, Several, Usage, Workforce,
 *   Weights
 * } from "../types"
 */

export class Problem extends Error {
  /** @param {ProblemDocument} document */
  constructor(document) {
    super(document.detail || document.title || "The server refused, and did not say why.");
    this.status = document.status ?? 0;
    this.field = document.field ?? null;
  }
}

const GONE = { detail: "Connection lost. Is the server still running? Nothing is lost: try again once it is back." };

/** @param {Response} response */
async function problemOf(response) {
  try {
    return new Problem(await response.json());
  } catch {
    return new Problem({
      status: response.status,
      detail: `The server answered ${response.status} ${response.statusText}.`,
    });
  }
}

/** @param {string} path @param {RequestInit} options */
async function ask(path, options = {}) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Problem(GONE);
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

/** @param {string} path @param {RequestInit} [options] */
async function json(path, options) {
  const response = await ask(path, options);
  return response.json();
}

/** @param {string} method @param {string} path @param {unknown} body */
const sendJson = (method, path, body) => {
  const headers = { "Content-Type": "application/json" };
  return ask(path, { method, headers, body: JSON.stringify(body) });
};
/** @param {string} path */
const post = (path) => json(path, { method: "POST" });
/** @param {string} path @param {unknown} body */
const postJson = async (path, body) => (await sendJson("POST", path, body)).json();
const API = `${ROOT}/api`;
/** @param {string} id */
const jobPath = (id) => `${API}/jobs/${encodeURIComponent(id)}`;
/** @param {string} id */
const comparisonPath = (id) => `${API}/comparisons/${encodeURIComponent(id)}`;

/** @type {() => Promise<Weights>} */
export const fetchWeights = () => post(`${API}/weights`);
/** @type {() => Promise<Catalogue>} under an address that the page has: the browser keeps it until something changes */
export const catalogue = () => json(String(document.documentElement.dataset.catalogue));
/** @type {(id: string | null) => Promise<{ jobs: Job[], names: Record<string, string>, next: string | null }>} */
export const jobsBefore = (id) => json(`${API}/jobs?limit=50${id ? `&before=${encodeURIComponent(id)}` : ""}`);
/** @type {(id: string) => Promise<Job>} */
export const job = (id) => json(jobPath(id));
/** @type {(id: string, by: string) => Promise<Continuation>} a run that begins with its result, so many times as large */
export const larger = (id, by) => json(`${jobPath(id)}/larger?by=${by}`);
/** @type {(id: string) => Promise<Point[]>} */
export const points = async (id) => (await json(`${jobPath(id)}/points`)).points;
/** @type {(id: string) => Promise<number[]>} the steps of which a picture is kept */
export const iterations = async (id) => (await json(`${jobPath(id)}/iterations`)).numbers;
/** @type {(id: string, what: string) => Promise<Job>} */
export const control = (id, what) => post(`${jobPath(id)}/${what}`);
/** @type {(id: string, before: string) => Promise<Job>} */
export const moveAhead = (id, before) => postJson(`${jobPath(id)}/place`, { before });
/** @param {string} id */
export const remove = (id) => ask(jobPath(id), { method: "DELETE" });
/** @type {(id: string) => Promise<Job>} */
export const restore = (id) => post(`${jobPath(id)}/restore`);
/** @type {(request: Plan) => Promise<Comparison>} */
export const compare = (request) => postJson(`${API}/comparisons`, request);
/** @type {(id: string) => Promise<Comparison>} */
export const comparison = (id) => json(comparisonPath(id));
/** @type {(id: string, run: Run) => Promise<Job>} */
export const addRun = (id, run) => postJson(`${comparisonPath(id)}/runs`, run);
/** @type {(id: string, shared: boolean) => Promise<Comparison>} */
export const share = (id, shared) => postJson(`${comparisonPath(id)}/share`, { shared });
/** @param {string} id */
export const removeComparison = (id) => ask(comparisonPath(id), { method: "DELETE" });
/** @type {(id: string) => Promise<Comparison>} */
export const restoreComparison = (id) => post(`${comparisonPath(id)}/restore`);
/** @type {(query: Record<string, string>) => Promise<{ entries: Entry[], next: string | null, expires: Record<string, string> }>} */
export const history = (query) => json(`${API}/history?${new URLSearchParams(query)}`);
/** @type {(kind: "job" | "comparison", id: string, marks: { name?: string, star?: boolean }) => Promise<Job | Comparison>} */
export const mark = async (kind, id, marks) =>
  (await sendJson("PATCH", kind === "job" ? jobPath(id) : comparisonPath(id), marks)).json();
/** @type {(several: Several) => Promise<Response>} */
export const removeSeveral = (several) => sendJson("POST", `${API}/history/delete`, several);
/** @type {(several: Several) => Promise<{ jobs: Job[], comparisons: Comparison[] }>} */
export const restoreSeveral = (several) => postJson(`${API}/history/restore`, several);
/** @type {() => Promise<{ jobs: Job[], expires: Record<string, string> }>} */
export const models = () => json(`${API}/models`);
/** @type {() => Promise<Usage>} */
export const usage = () => json(`${API}/usage`);
/** @type {() => Promise<Workforce>} */
export const workers = () => json(`${API}/workers`);
/** @type {(plan: Plan) => Promise<Expected>} */
export const forecast = (plan) => postJson(`${API}/forecast`, plan);
/** @type {(request: Run & { images: Record<string, string> }) => Promise<Job>} */
export const start = (request) => postJson(`${API}/jobs`, request);

/**
 * A picture as the server has it, and a note of what was done to it, or null.
 * @param {Picture} answer
 * @returns {Picture}
 */
export const pictureOf = ({ id, name, width, height, note }) => ({ id, name, width, height, note });

/** @type {(path: string, file: File) => Promise<any>} */
export const send = (path, file) => {
  const body = new FormData();
  body.append("file", file, file.name || "pasted.png");
  return json(`${API}/${path}`, { method: "POST", body });
};
/** @param {File} file */
export const upload = async (file) => pictureOf(await send("images", file));

/** @type {(id: string) => Promise<Picture>} a new picture: the job's result */
export const resultPicture = async (id) => pictureOf(await post(`${jobPath(id)}/picture`));

/** @type {(id: string, edit: Edit) => Promise<Picture>} a new picture, made of that one */
export const edit = async (id, changes) => pictureOf(await postJson(`${imagePath(id)}/edited`, changes));

/** @type {(path: string) => Promise<Blob>} */
export const file = async (path) => (await ask(path)).blob();

/**
 * A picture, ready to draw.
 * @param {string} path
 */
export const bitmap = async (path) => createImageBitmap(await file(path));

/**
 * What a picture repeats by, and how it is fitted to such a result; null where it does not repeat.
 * @type {(id: string, fitting: Record<string, string>) => Promise<Lattice | null>}
 */
export const lattice = async (id, fitting) =>
  (await json(`${imagePath(id)}/lattice?${new URLSearchParams(fitting)}`)).lattice;

/** @param {string} id @param {number | null} [size] pixels of its longer side; all of it without */
export const imagePath = (id, size) => `${API}/images/${encodeURI(id)}${size ? `?size=${size}` : ""}`;
/** @param {string} id @param {string} name */
export const comparisonFile = (id, name) => `${comparisonPath(id)}/${name}`;
/** @param {string} id */
export const previewPath = (id) => `${jobPath(id)}/preview.jpg`;
/** @param {string} id @param {number} number */
export const iterationPath = (id, number) => `${jobPath(id)}/iterations/${number}.jpg`;
/** @param {string} id */
export const iterationsPath = (id) => `${jobPath(id)}/iterations.webp`;
export const modelsPath = `${API}/models`;
/** @param {string} id */
export const modelPath = (id) => `${jobPath(id)}/model.safetensors`;
/** @param {string} id @param {string} name */
export const mapPath = (id, name) => `${jobPath(id)}/maps/${encodeURIComponent(name)}.png`;
/** @param {string} id */
export const animationPath = (id) => `${jobPath(id)}/animation.webp`;
/** @type {(several: Several) => string} */
export const resultsPath = ({ jobs, comparisons }) =>
  `${API}/history/results.zip?jobs=${jobs}&comparisons=${comparisons}`; // ids with commas
/** @param {string} id */
export const resultPath = (id) => `${jobPath(id)}/result.png`;
/** @param {string} id @param {string} format */
export const downloadPath = (id, format) => `${jobPath(id)}/result?format=${format}`;
/** @param {string} id @param {string} engine */
export const materialPath = (id, engine) => `${jobPath(id)}/material.zip?for=${engine}`;
/** @param {string} id */
export const filesPath = (id) => `${jobPath(id)}/files.zip`;
/** @param {string} id @param {number} columns @param {number} rows */
export const sheetPath = (id, columns, rows) => `${jobPath(id)}/tiled.png?columns=${columns}&rows=${rows}`;
