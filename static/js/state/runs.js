// What the runs of a comparison are measured by: their times, their share of the worker, their metrics.

import { extent, title } from "../kit/words.js";
import { facts, metricOf } from "./catalogue.js";

/** @import { Job, Point, Shape, Params } from "../types" */

const WINDOW = 10; // seconds by the clock on the wall over which a share is taken
const SHORTEST = 1; // seconds below which a share would be a matter of luck

const HIDDEN = ["seam_limit"]; // belongs to another one

export const USUAL_METRIC = "patch"; // by which runs are compared, unless somebody asks for another

/**
 * The number of the colour of a run; beyond those that there are they come again, as broken lines and hollow marks.
 * @param {number} number
 */
export const inkOf = (number) => ((number - 1) % facts.palette.runs.length) + 1;
/** @param {number} number */
export const isSecondRound = (number) => number > facts.palette.runs.length;

/** @param {string} name */
export const isHigherBetter = (name) => metricOf(name)?.direction === "higher";

/**
 * "patch" -> "Patch distance".
 * @param {string} name
 */
export const metricTitle = (name) => metricOf(name)?.title ?? title(name);

/**
 * Names of the metrics that some of these rows have, the known ones first.
 * @param {Job[]} rows
 */
export function metricsOf(rows) {
  const found = new Set(rows.flatMap((row) => Object.keys(row.metrics ?? {})));
  const known = facts.metrics.map(({ name }) => name).filter((name) => found.has(name));
  return [...known, ...[...found].filter((name) => !known.includes(name) && !HIDDEN.includes(name))];
}

/** @param {Job[]} rows */
export const lossesOf = (rows) => [...new Set(rows.flatMap((row) => Object.keys(row.losses ?? {})))];

/**
 * Seconds by the clock on the wall since the run was asked for: until now, or until it ended.
 * @param {Job} row
 * @param {Point[]} points
 */
export function wallOf(row, points) {
  const last = points.at(-1)?.wall ?? row.wall;
  if (row.ended) return (Date.parse(row.ended) - Date.parse(row.created)) / 1000;
  return last ?? null;
}

/**
 * The part of the last seconds, 0..1, that the worker gave to it; null where that means nothing.
 * @param {Job} row
 * @param {Point[]} points
 */
export function shareOf(row, points) {
  const last = points.at(-1);
  if (row.state !== "running" || last?.wall === undefined) return null;
  const recent = points.findIndex((point) => last.wall - point.wall <= WINDOW);
  const first = points[Math.min(recent, points.length - 2)] ?? last; // a slow one may have said little of late
  const wall = last.wall - first.wall;
  return wall < SHORTEST ? null : Math.min(1, (last.seconds - first.seconds) / wall);
}

/**
 * The best value of a metric among these rows; null where there are not two to choose from, or measured alike.
 * @param {Job[]} rows
 * @param {string} name
 */
export function bestOf(rows, name) {
  const values = rows.map((row) => row.metrics?.[name]).filter(Number.isFinite);
  const measuredAgainst = new Set(rows.map(({ images }) => images.source ?? images.model));
  if (!metricOf(name)?.ranked || values.length < 2 || measuredAgainst.size > 1) return null;
  return isHigherBetter(name) ? Math.max(...values) : Math.min(...values);
}

/**
 * Whether these are runs of one method that differ by their seed and by nothing else.
 * @param {Job[]} rows
 */
export function differBySeedAlone(rows) {
  /** @param {Job} row */
  const others = ({ method, params, images }) => JSON.stringify([method, images, { ...params, seed: null }]);
  return rows.length > 1 && rows.every((row) => "seed" in row.params && others(row) === others(rows[0]));
}

/**
 * The baseline of a metric where all rows that have one agree; null where they do not.
 * @param {Job[]} rows
 * @param {string} name
 */
export function commonBaseline(rows, name) {
  const baselines = rows.map((row) => row.baselines?.[name]).filter(Number.isFinite);
  return baselines.length &&
    baselines.every((baseline) => Math.abs(baseline - baselines[0]) <= 1e-6 * Math.abs(baseline))
    ? baselines[0]
    : null;
}

/** @param {Shape} shape @param {number} factor @returns {Shape} */
const reduced = ({ width, height }, factor) => {
  const share = Math.min(1, factor); // never enlarged
  return { width: Math.round(width * share), height: Math.round(height * share) };
};

/**
 * The shape in which the methods look at an exemplar: reduced to their scale.
 * @param {Shape} picture
 * @param {Params} params
 */
export function exemplarShape(picture, params) {
  if (!params.size) return reduced(picture, 1);
  const size = extent(params.size);
  const wanted = params.exemplar_size ?? Math.min(size.width, size.height);
  return reduced(picture, wanted / Math.min(picture.width, picture.height));
}

/**
 * The same of a content, whose longer side the result's is.
 * @param {Shape} picture
 * @param {Params} params
 */
export function contentShape(picture, params) {
  const size = extent(params.size);
  return reduced(picture, Math.max(size.width, size.height) / Math.max(picture.width, picture.height));
}

/**
 * "1.5 GB", "312 MB".
 * @param {number} count
 */
export function bytes(count) {
  if (!Number.isFinite(count)) return "–";
  const megabytes = count / 2 ** 20;
  return megabytes < 1000 ? `${Math.round(megabytes)} MB` : `${(megabytes / 1024).toFixed(1)} GB`;
}
