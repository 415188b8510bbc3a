// The numbers that tell how like its exemplar a picture is, for people. texture/metrics measures them.

import { figure } from "../kit/words.js";
import { facts, metricOf } from "./catalogue.js";

/** @import { Job } from "../types" */

/**
 * What a metric tells, for somebody who does not know it. One that has no words here is shown in other ways.
 * @type {Record<string, string>}
 */
const MEANINGS = {
  patch:
    "How the small pieces of the picture differ from those of the source texture, at all scales. " +
    "Lower is better, down to the source against itself: what its two halves differ by.",
  spectrum:
    "How the coarse and the fine, and the directions of lines, differ from the source texture’s. " +
    "Lower is better, down to the source against itself.",
  colour:
    "By how many levels of 255 the colours differ from the source texture’s. Lower is better, down to the source " +
    "against itself.",
  copying:
    "How much of the picture is a stretch of the source texture taken over as it is. Far above the source against " +
    "itself, it repeats the source instead of making something new.",
  repetition:
    "How like itself the picture is when it is shifted. The higher, the sooner the eye finds the same thing again; " +
    "in a regular pattern it is high.",
  odd:
    "How far the least likely pieces of the picture are from anything in the source texture: smudges and broken " +
    "forms. 1 is as far as the halves of the source are from each other. Lower is better.",
  regularity:
    "How exactly the picture repeats by the source texture’s periods. 1 is as regular as the source. Higher is " +
    "better. Only for source textures that have periods.",
};

/** @param {string} name */
export const meaningOf = (name) => MEANINGS[name];

/**
 * Names of the metrics that have been measured of a job, in the order in which they are shown.
 * @param {Job} row
 */
export function measured(row) {
  const names = facts.metrics.map(({ name }) => name);
  return names.filter((name) => name in MEANINGS && row.metrics?.[name] !== undefined);
}

/**
 * A metric's value: one that is a share in per cent, the others as numbers.
 * @param {string} name
 * @param {number} value
 */
export const inWords = (name, value) =>
  metricOf(name)?.unit.startsWith("share") ? `${Math.round(100 * value)} %` : figure(value);
