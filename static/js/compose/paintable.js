// What can be painted: for each role the picture beneath, the colours that there are, and what they mean.
// {heading, name, use, hint, ground, shape, lacking, offered: [{style, words, picture?, needed?}]}: `ground` is the picture
// that is painted over, `shape` that of a plain ground where there is none, `needed` says what to paint where one must
// have some place, and `lacking` what to do where there is nothing to paint on.

import { extent } from "../kit/words.js";

const PARTS = ["First part", "Second part", "Third part", "Fourth part"].map((words, style) => ({ style, words }));

/** The styles that are given, and the first colour that no style has: what is left as it is. */
function offeredStyles(pictures) {
  const given = pictures.styles.map(({ picture }, style) => ({ style, picture }));
  const free = given.find(({ picture }) => !picture);
  const about = ({ style, picture }) => {
    if (!picture) return { style, words: "Leave as it is" };
    return { style, picture, words: picture.name, needed: `Paint where ${picture.name} goes.` };
  };
  return given.filter((one) => one.picture || one === free).map(about);
}

const maskOfStyles = (pictures) => ({
  heading: "Mask: which style goes where",
  name: "Painted mask",
  use: "Use this mask",
  hint: "Each style goes where its colour is.",
  ground: pictures.get("content").picture,
  lacking: "Choose the content first, and paint over it here; or use a file.",
  offered: offeredStyles(pictures),
});

const maskOfStart = (pictures) => ({
  heading: "Mask: what is resynthesised",
  name: "Painted mask",
  use: "Use this mask",
  hint: "What is white is resynthesised; all else stays pixel for pixel.",
  ground: pictures.get("initial").picture,
  lacking: "Choose the starting picture first, and paint over it here; or use a file.",
  offered: [
    { style: 0, words: "Stays as it is" },
    { style: 1, words: "Is resynthesised", needed: "Paint what is resynthesised." },
  ],
});

const guideOfExemplar = (pictures) => ({
  heading: "Guide of the source texture: what is where",
  name: "Painted guide of the source texture",
  use: "Use this guide",
  hint: "Give each part of the source texture its own colour. The guide of the result says where which part goes.",
  ground: pictures.source.picture,
  lacking: "Choose the source texture first, and paint over it here; or use a file.",
  offered: PARTS,
});

/** Of a size as the form has it; null where that is none yet. */
function shapeOf(size) {
  const shape = extent(size);
  return shape.width > 0 && shape.height > 0 ? shape : null;
}

/** @param size of the result, which it has where no picture gives it another shape. */
const guideOfResult = (pictures, size) => ({
  heading: "Guide: what goes where",
  name: "Painted guide",
  use: "Use this guide",
  hint: "Each part of the source texture goes where its colour is.",
  ground: pictures.get("content").picture ?? pictures.get("initial").picture,
  shape: shapeOf(size),
  lacking: "Say first how large the result is to be.",
  offered: PARTS,
});

/** What is painted in that role, for the methods that may be run next. */
export function subjectOf(role, pictures, size) {
  if (role === "guide") return guideOfResult(pictures, size);
  if (role === "exemplar_guide") return guideOfExemplar(pictures);
  return pictures.takes("style2") ? maskOfStyles(pictures) : maskOfStart(pictures);
}
