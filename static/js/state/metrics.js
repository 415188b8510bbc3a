// The numbers that tell how like its exemplar a picture is, for people. texture/metrics measures them.

import { figure } from "../kit/words.js";
import { metricTitle } from "./runs.js";

/** In the order in which they are shown. */
export const METRICS = {
  patch: {
    label: metricTitle("patch"),
    meaning:
      "How the small pieces of the picture differ from those of the exemplar, at all scales. Lower is better; " +
      "the baseline is what two halves of the exemplar differ by.",
  },
  spectrum: {
    label: metricTitle("spectrum"),
    meaning:
      "How the coarse and the fine, and the directions of lines, differ from the exemplar’s. Lower is better, " +
      "down to the baseline.",
  },
  colour: {
    label: metricTitle("colour"),
    meaning: "By how many levels of 255 the colours differ from the exemplar’s. Lower is better, down to the baseline.",
  },
  copying: {
    label: metricTitle("copying"),
    meaning:
      "How much of the picture is a stretch of the exemplar taken over as it is. Far above the baseline, it repeats the " +
      "exemplar instead of making something new.",
    share: true,
  },
  odd: {
    label: metricTitle("odd"),
    meaning:
      "How far the least likely pieces of the picture are from anything in the exemplar: smudges and broken forms. " +
      "1 is as far as the halves of the exemplar are from each other. Lower is better.",
  },
  regularity: {
    label: metricTitle("regularity"),
    meaning:
      "How exactly the picture repeats by the exemplar’s periods. 1 is as regular as the exemplar. Higher is better. " +
      "Only for exemplars that have periods.",
  },
};

/** A metric's value: copying is a share, the others are numbers. */
export const inWords = (name, value) => (METRICS[name]?.share ? `${Math.round(100 * value)} %` : figure(value));
