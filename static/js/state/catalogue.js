// What the server says of itself once and for all: metrics, states and what may be done in them, limits, roles, colours, formats.

import { asText, capital, choiceWord, title } from "../kit/words.js";

/** @import { Catalogue, Metric, Schema, State } from "../types" */

/**
 * Empty until it has been read, which is before any job is known.
 * @type {Pick<Catalogue, "methods" | "roles" | "metrics" | "states" | "palette" | "result_formats" | "engines" | "maps"> & { limits: Catalogue["limits"] | null }}
 */
export const facts = {
  methods: [],
  roles: [],
  metrics: [],
  states: [],
  limits: null,
  palette: { runs: [], regions: {}, labels: {} },
  result_formats: {},
  engines: {},
  maps: {},
};

/** @param {Catalogue} catalogue */
export function learn({ methods, roles, metrics, states, limits, palette, result_formats, engines, maps }) {
  Object.assign(facts, { methods, roles, metrics, states, limits, palette, result_formats, engines, maps });
}

/**
 * A method, listed or not; undefined where the server has none of that name.
 * @param {string} name
 */
export const methodOf = (name) => facts.methods.find((method) => method.name === name);

/** The method that makes the maps of a material, if the server has one. */
export const materialMethod = () => facts.methods.find(({ material }) => material);

/**
 * A metric; undefined where the server has none of that name.
 * @param {string} name
 * @returns {Metric | undefined}
 */
export const metricOf = (name) => facts.metrics.find((metric) => metric.name === name);

/**
 * A state; one that the catalogue does not know may lead anywhere.
 * @param {State} name
 */
export const stateOf = (name) =>
  facts.states.find((state) => state.name === name) ?? { name, title: capital(name), ended: false, moves: {} };

/**
 * What a parameter of a method and its value are called: ["Seamless", "Horizontal"].
 * @param {string} method
 * @param {string} name
 * @param {unknown} value
 */
export function settingWords(method, name, value) {
  /** @type {Schema | undefined} */
  const schema = methodOf(method)?.schema;
  const property = schema?.properties?.[name];
  const isChoice = [property, ...(property?.anyOf ?? [])].some(
    (one) => value !== null && one?.enum?.includes(/** @type {any} */ (value)),
  );
  const words = property?.["x-words"]?.[String(value)] ?? (isChoice ? choiceWord(value) : asText(value));
  return [property?.title ?? title(name), words];
}

/**
 * What a picture is called in a role, where no method has a name of its own for it.
 * @param {string} name
 */
export const roleTitle = (name) => facts.roles.find((role) => role.name === name)?.title ?? "Picture";
