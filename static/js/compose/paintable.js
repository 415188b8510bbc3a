// What can be painted: for each role the sheets that are painted together, the colours that there are, and what they mean.
// {heading, use, hint, lacking, palette, sheets, offered, objection, replaces?}. A sheet is {role, title, name, ground, shape, wraps}:
// `ground` is the picture that is painted over, `shape` that of a plain ground where there is none, `wraps` says whether
// what is painted goes on at the other side, across and down. offered: {style, words?, picture?}. `objection` says what is
// still to be painted, of what is painted by role; `lacking` what to do where there is nothing to paint on; `replaces` is a
// role whose picture means nothing beside it.

import { extent } from "../kit/words.js";
import { facts } from "../state/catalogue.js";

const NOWHERE = [false, false];

/** The axes, across and down, along which a result tiles that the form says. */
const wrapsOf = ({ tile }) => ["x", "y"].map((axis) => tile === axis || tile === "both");

/** What is painted is to have each of these: [style, what to say where it has not]. */
const needing = (needed) => (painted) => needed.find(([style]) => !Object.values(painted)[0].has(style))?.[1] ?? "";

/** A mask, on one sheet. */
const mask = ({ heading, use = "Use this mask", hint, ground, wraps = NOWHERE, lacking, offered, objection }) => {
  const sheets = [{ role: "mask", title: "", name: "Painted mask", ground, wraps }];
  return { heading, use, hint, lacking, palette: facts.palette.regions, sheets, offered, objection };
};

/** The styles that are given, and the first colour that no style has: what is left as it is. */
function offeredStyles(pictures) {
  const given = pictures.styles.map(({ picture }, style) => ({ style, picture }));
  const free = given.find(({ picture }) => !picture);
  const about = ({ style, picture }) => ({ style, picture, words: picture?.name ?? "Leave as it is" });
  return given.filter((one) => one.picture || one === free).map(about);
}

function maskOfStyles(pictures) {
  const offered = offeredStyles(pictures);
  const given = offered.filter(({ picture }) => picture);
  return mask({
    heading: "Mask: which style goes where",
    hint: "Each style goes where its colour is.",
    ground: pictures.get("content").picture,
    lacking: "Choose the content first, and paint over it here; or use a file.",
    offered,
    objection: needing(given.map(({ style, words }) => [style, `Paint where ${words} goes.`])),
  });
}

const KEPT = { style: 0, words: "Stays as it is" };

const maskOfStart = (pictures, result) =>
  mask({
    heading: "Mask: what is resynthesised",
    hint: "What is white is resynthesised; all else stays pixel for pixel.",
    ground: pictures.get("initial").picture,
    wraps: wrapsOf(result),
    lacking: "Choose the starting picture first, and paint over it here; or use a file.",
    offered: [KEPT, { style: 1, words: "Is resynthesised" }],
    objection: needing([[1, "Paint what is resynthesised."]]),
  });

const maskOfHole = (pictures, result) =>
  mask({
    heading: "The part to fill",
    use: "Use this",
    hint: "What is white is filled from the rest of the picture; all else stays pixel for pixel.",
    ground: pictures.source.picture,
    wraps: wrapsOf(result),
    lacking: "Choose the photo first, and paint over it here; or use a file.",
    offered: [KEPT, { style: 1, words: "Is filled" }],
    objection: needing([[1, "Paint over what is to be filled: nothing is painted yet."]]),
  });

/** Of a size as the form has it; null where that is none yet. */
function shapeOf(size) {
  const shape = extent(size);
  return shape.width > 0 && shape.height > 0 ? shape : null;
}

const guideOfExemplar = (pictures) => ({
  role: "exemplar_guide",
  title: "Source texture: what is where",
  name: "Painted guide of the source texture",
  ground: pictures.source.picture,
  wraps: NOWHERE,
});

/** Of the result, which has the size that the form says where no picture gives it another shape. */
function guideOfResult(pictures, result) {
  const content = pictures.get("content").picture;
  return {
    role: "guide",
    title: "Result: what goes where",
    name: "Painted guide",
    ground: content ?? pictures.get("initial").picture,
    shape: shapeOf(result.size),
    wraps: content ? NOWHERE : wrapsOf(result),
  };
}

/** What a result is asked for that the source texture does not have, or where there is nothing to tell apart. */
function objectionToGuides({ exemplar_guide: there, guide: here }) {
  const names = Object.keys(facts.palette.labels);
  const missing = names.filter((_, style) => here.has(style) && !there.has(style));
  if (missing.length)
    return `Nothing in the source texture is ${missing.join(" or ")}, as parts of the result are: paint it there too.`;
  const isPlain = names.filter((_, style) => there.has(style)).length < 2;
  return isPlain ? "Paint a part of the source texture in another colour." : "";
}

const guides = (pictures, result) => ({
  heading: "Guides: which part goes where",
  use: "Use these guides",
  hint: "Give each part of the source texture its own colour, and paint where it is to go.",
  lacking: "Choose the source texture first, and say how large the result is to be; or use a file.",
  palette: facts.palette.labels,
  sheets: [guideOfExemplar(pictures), guideOfResult(pictures, result)],
  offered: Object.keys(facts.palette.labels).map((_, style) => ({ style })),
  objection: objectionToGuides,
});

/** Of several source textures each is a part, and has a colour by its place. */
function guideOfSeveral(pictures, result) {
  const offered = pictures.sources.map(({ role, picture }) => ({
    style: Number(role.slice("source".length) || 1) - 1,
    words: picture.name,
    picture,
  }));
  const known = offered.map(({ style }) => style);
  const objection = ({ guide: here }) => {
    const names = Object.keys(facts.palette.regions).filter((_, style) => here.has(style) && !known.includes(style));
    return names.length ? `No source texture has ${names.join(" or ")}: paint over it, or add one more.` : "";
  };
  return {
    heading: "Guide: which source texture goes where",
    use: "Use this guide",
    hint: "Each source texture goes where its colour is.",
    lacking: "Say first how large the result is to be; or use a file.",
    palette: facts.palette.regions,
    sheets: [{ ...guideOfResult(pictures, result), title: "" }],
    offered,
    objection,
    replaces: "exemplar_guide",
  };
}

/** What is painted in that role, for the methods that may be run next. @param result its {size, tile}. */
export function subjectOf(role, pictures, result) {
  if (role !== "mask") return pictures.sources.length > 1 ? guideOfSeveral(pictures, result) : guides(pictures, result);
  if (pictures.takes("style2")) return maskOfStyles(pictures);
  return pictures.takes("initial") ? maskOfStart(pictures, result) : maskOfHole(pictures, result);
}
