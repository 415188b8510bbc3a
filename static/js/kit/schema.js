// A method's JSON schema, read once into what a form needs to know of each field.

/** @import { Kind, Parameter, Property, Schema } from "../types" */

/** @param {Property} part @param {Schema} schema @returns {Property} */
const resolve = (part, schema) => {
  const name = part.$ref?.match(/^#\/\$defs\/(.+)$/)?.[1];
  return name ? { ...schema.$defs?.[name], ...part, $ref: undefined } : part;
};

/**
 * `anyOf: [{…}, {type: "null"}]` becomes {…} and the word that it may stay empty.
 * @param {Property} property
 * @param {Schema} schema
 */
function unwrap(property, schema) {
  const parts = (property.anyOf ?? [property]).map((part) => resolve(part, schema));
  const real = parts.find((part) => part.type !== "null") ?? {};
  return {
    ...real,
    ...resolve(property, schema),
    type: real.type ?? property.type,
    nullable: parts.some((part) => part.type === "null"),
  };
}

/** @type {Record<string, Kind>} */
const KINDS = { boolean: "switch", integer: "integer", number: "number", string: "text" };

/** @param {Property} property @returns {Kind} */
function kindOf(property) {
  if (property.enum) return "choice";
  if (property.format === "size") return "size";
  if (property.type === "array" && ["string", "number", "integer"].includes(property.items?.type ?? "")) return "list";
  return KINDS[property.type ?? ""] ?? "json";
}

/** @param {Property} property @param {Kind} kind */
function bounds(property, kind) {
  const nudge = kind === "integer" ? 1 : 0;
  if (kind === "size") return { minimum: property["x-smallest"], maximum: property["x-largest"] };
  const { minimum, maximum, exclusiveMinimum: above, exclusiveMaximum: below } = property;
  return {
    minimum: minimum ?? (above === undefined ? undefined : above + nudge),
    maximum: maximum ?? (below === undefined ? undefined : below - nudge),
  };
}

/**
 * A value as a field of this kind gives it: defaults and presets may say 2000 or [256, 256] where a field is text.
 * @param {unknown} value
 * @param {Kind} kind
 */
export function plain(value, kind) {
  if (value === null || (kind !== "size" && kind !== "text")) return value;
  if (!Array.isArray(value)) return String(value);
  return kind === "size" ? [...new Set(value)].join("x") : value.join(" ");
}

/**
 * The parameters of a method, in the schema's order, without those that have one value only.
 * @param {Schema} schema
 * @returns {Parameter[]}
 */
export function fieldsOf(schema) {
  const open = Object.entries(schema.properties ?? {}).filter(([, { const: only }]) => only === undefined);
  return open.map(([name, raw]) => {
    const property = unwrap(raw, schema);
    const kind = kindOf(property);
    return {
      name,
      kind,
      label: property.title ?? name,
      help: property.description ?? "",
      default: plain(property.default ?? null, kind),
      simple: Boolean(property.simple),
      nullable: property.nullable,
      choices: (property.enum ?? []).filter((choice) => choice !== null),
      words: property["x-words"] ?? {},
      items: property.items,
      multiple: property["x-multiple"],
      pattern: property.examples && property.pattern,
      examples: property.examples ?? [],
      ...bounds(property, kind),
    };
  });
}

/**
 * The bounds in words: "1 to 100", "at least 1"; "" where there are none.
 * @param {Pick<Parameter, "minimum" | "maximum">} field
 */
export function range(field) {
  const [minimum, maximum] = [field.minimum, field.maximum].map((bound) => bound?.toLocaleString("en-GB"));
  if (minimum !== undefined && maximum !== undefined) return `${minimum} to ${maximum}`;
  if (minimum !== undefined) return `at least ${minimum}`;
  return maximum === undefined ? "" : `at most ${maximum}`;
}

/** @param {Pick<Parameter, "minimum" | "maximum">} field @param {number} value */
const within = ({ minimum = -Infinity, maximum = Infinity }, value) => value >= minimum && value <= maximum;

/** @param {Parameter} field @param {unknown} value */
const isWhole = (field, value) =>
  typeof value === "number" && Number.isInteger(value) && within(field, value) && value % (field.multiple ?? 1) === 0;

/**
 * For each kind of which the page can tell: whether a field may have the value.
 * @type {Partial<Record<Kind, (field: Parameter, value: unknown) => boolean>>}
 */
const POSSIBLE = {
  integer: isWhole,
  number: (field, value) => typeof value === "number" && Number.isFinite(value) && within(field, value),
  size: (field, value) => {
    const text = String(value);
    return /^\d+(x\d+)?$/.test(text) && text.split("x").every((side) => isWhole(field, Number(side)));
  },
  text: ({ pattern }, value) => !pattern || new RegExp(pattern).test(String(value).trim()),
};

/** @type {Partial<Record<Kind, string>>} */
const NUMBERS = { integer: "a whole number", number: "a number", size: "whole numbers" };

/**
 * What to enter instead of a value that the field cannot have; "" where it may. What else there is, the server knows.
 * @param {Parameter} field
 * @param {unknown} value
 */
export function objection(field, value) {
  if (value === null || (POSSIBLE[field.kind]?.(field, value) ?? true)) return "";
  if (field.kind === "text") return `Enter it like ${field.examples.join(" or ")}.`;
  const steps = (field.multiple ?? 1) > 1 ? `multiples of ${field.multiple}` : "";
  return `Enter ${[NUMBERS[field.kind], range(field), steps].filter(Boolean).join(", ")}.`;
}

/** @param {unknown} one @param {unknown} other */
export const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
