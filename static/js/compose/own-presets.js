// The presets that somebody has saved in this browser: of each method a few, {name, values}, with what departs from its defaults.

import { recall, remember } from "../kit/memory.js";
import { objection } from "../kit/schema.js";
import { title } from "../kit/words.js";

export const MOST = 20; // of a method
export const LONGEST = 40; // characters of a name

const isPreset = (one) => typeof one?.name === "string" && typeof one.values === "object" && one.values !== null;

/** Those of a method; what is stored in another way is none. */
export function presetsOf(method) {
  const found = recall("presets", {})[method];
  return Array.isArray(found) ? found.filter(isPreset) : [];
}

function setPresets(method, presets) {
  remember("presets", { ...recall("presets", {}), [method]: presets });
}

/** A name as it is kept. */
export const trimmed = (name) => name.replace(/\s+/g, " ").trim().slice(0, LONGEST).trim();

/** Takes the place of one of that name. */
export function savePreset(method, preset) {
  const before = presetsOf(method);
  const at = before.findIndex(({ name }) => name === preset.name);
  setPresets(method, at < 0 ? [...before, preset] : before.with(at, preset));
}

export function removePreset(method, name) {
  setPresets(
    method,
    presetsOf(method).filter((preset) => preset.name !== name),
  );
}

/** Brings back one that was deleted: beside a newer one of its name, under the name that is returned. */
export function restorePreset(method, preset) {
  const taken = presetsOf(method).map(({ name }) => name);
  let { name } = preset;
  for (let number = 2; taken.includes(name); number += 1) {
    const end = ` (${number})`;
    name = preset.name.slice(0, LONGEST - end.length) + end;
  }
  savePreset(method, { ...preset, name });
  return name;
}

/** For each kind of field: whether it can show the value at all. */
const SHOWN = {
  choice: (field, value) => field.choices.includes(value),
  switch: (field, value) => typeof value === "boolean",
  list: (field, value) => Array.isArray(value),
  integer: (field, value) => typeof value === "number",
  number: (field, value) => typeof value === "number",
  size: (field, value) => typeof value === "string",
  text: (field, value) => typeof value === "string",
  json: () => true,
};

function takes(field, value) {
  if (value === null) return field.nullable;
  return SHOWN[field.kind](field, value) && !objection(field, value);
}

/**
 * What of a preset's values there are fields for that take them, and what the others are called.
 * @param fields of the method, as schema.js has them
 */
export function sifted(values, fields) {
  const fieldOf = new Map(fields.map((field) => [field.name, field]));
  const fits = ([name, value]) => fieldOf.has(name) && takes(fieldOf.get(name), value);
  const left = Object.entries(values).filter((entry) => !fits(entry));
  return {
    taken: Object.fromEntries(Object.entries(values).filter(fits)),
    left: left.map(([name]) => fieldOf.get(name)?.label ?? title(name)),
  };
}
