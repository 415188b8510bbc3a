// The built-in pictures, as an invitation.

import * as api from "./api.js";
import { $, element, write } from "./dom.js";

/** @param pick is called with {id, name} of the sample when it is chosen; @param chosen the id of the one that is. */
export function sampleButton({ id, title, credit }, pick, chosen) {
  const picture = element("img", { src: api.imagePath(id, 240), alt: "", loading: "lazy", width: 240, height: 240 });
  const state = { "data-sample": id, "aria-pressed": String(id === chosen), onclick: () => pick({ id, name: title }) };
  const face = { type: "button", class: "sample", title: credit, ...state };
  return element("button", face, picture, element("span", {}, title));
}

export function showSamples(samples, pick) {
  $("samples").replaceChildren(...samples.map((sample) => element("li", {}, sampleButton(sample, pick))));
}

/** Marks the sample that is the exemplar now. */
export function markSample(id) {
  for (const button of $("samples").querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button.dataset.sample === id));
  }
}

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
const INVITATIONS = { Style: STYLE, Picture: PHOTO };

/** What the invitation asks for. @param title of the first picture: "Exemplar", "Style", "Picture". */
export function showInvitation(title) {
  const [heading, lede] = INVITATIONS[title] ?? TEXTURE;
  write($("invite-heading"), heading);
  write($("invite-lede"), lede);
}
