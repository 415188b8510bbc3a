// What the stage asks for while there is no picture.

import { $, write } from "../kit/dom.js";

const TEXTURE = [
  "Drop a picture of a texture",
  "Pebbles, bark, cloth, rust: anything that looks much the same all over. Texture Lab grows a new picture from it, " +
    "of the size you ask for, that repeats without a seam.",
];
const STYLE = [
  "Drop a picture of a style",
  "A painting, a drawing, or a texture: the content is repainted in its manner.",
];

const PHOTO = [
  "Drop a photo to make it tile",
  "It stays as it is, pixel for pixel; only a strip over each seam is resynthesised, so that it repeats.",
];
const HOLE = [
  "Drop a photo to mend",
  "Paint over a hole, a stain or a scratch: it is filled from the rest of the picture, which stays as it is.",
];
const INVITATIONS = { Style: STYLE, Picture: PHOTO, Photo: HOLE };

/** A finger drags no files. */
const canDrop = () => !matchMedia("(hover: none) and (pointer: coarse)").matches;

/** What the invitation asks for. @param title of the first picture: "Source texture", "Style", "Picture". */
export function showInvitation(title) {
  const [heading, lede] = INVITATIONS[title] ?? TEXTURE;
  write($("invite-heading"), canDrop() ? heading : heading.replace("Drop", "Choose"));
  write($("invite-lede"), lede);
}
