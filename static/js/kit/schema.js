// A method's JSON schema, read once into what a form needs to know of each field.

const resolve = (part, schema) => {
  const name = part.$ref?.match(/^#\/\$defs\/(.+)$/)?.[1];
  return name ? { ...schema.$defs[name], ...part, $ref: undefined } : part;
};

/** `anyOf: [{…}, {type: "null"}]` becomes {…} and the word that it may stay empty. */
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

function kindOf(property) {
  if (property.enum) return "choice";
  if (property.format === "size") return "size";
  if (property.type === "array" && ["string", "number", "integer"].includes(property.items?.type)) return "list";
  return { boolean: "switch", integer: "integer", number: "number", string: "text" }[property.type] ?? "json";
}

function bounds(property, kind) {
  const nudge = kind === "integer" ? 1 : 0;
  if (kind === "size") return { minimum: property["x-smallest"], maximum: property["x-largest"] };
  const { minimum, maximum, exclusiveMinimum: above, exclusiveMaximum: below } = property;
  return {
    minimum: minimum ?? (above === undefined ? undefined : above + nudge),
    maximum: maximum ?? (below === undefined ? undefined : below - nudge),
  };
}

/** A value as a field of this kind gives it: defaults and presets may say 2000 or [256, 256] where a field is text. */
export function plain(value, kind) {
  if (value === null || (kind !== "size" && kind !== "text")) return value;
  if (!Array.isArray(value)) return String(value);
  return kind === "size" ? [...new Set(value)].join("x") : value.join(" ");
}

/** [{name, label, help, kind, default, simple, nullable, choices, minimum, maximum, …}] in the schema's order. */
export function fieldsOf(schema) {
  return Object.entries(schema.properties ?? {}).map(([name, raw]) => {
    const property = unwrap(raw, schema);
    const kind = kindOf(property);
    return {
      name,
      kind,
      label: property.title,
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

/** The bounds in words: "1 to 100", "at least 1"; "" where there are none. */
export function range(field) {
  const [minimum, maximum] = [field.minimum, field.maximum].map((bound) => bound?.toLocaleString("en-GB"));
  if (minimum !== undefined && maximum !== undefined) return `${minimum} to ${maximum}`;
  if (minimum !== undefined) return `at least ${minimum}`;
  return maximum === undefined ? "" : `at most ${maximum}`;
}

const within = ({ minimum = -Infinity, maximum = Infinity }, value) => value >= minimum && value <= maximum;

const isWhole = (field, value) =>
  Number.isInteger(value) && within(field, value) && value % (field.multiple ?? 1) === 0;

/** For each kind of which the page can tell: whether a field may have the value. */
const POSSIBLE = {
  integer: isWhole,
  number: (field, value) => Number.isFinite(value) && within(field, value),
  size: (field, value) => /^\d+(x\d+)?$/.test(value) && value.split("x").every((side) => isWhole(field, Number(side))),
  text: ({ pattern }, value) => !pattern || new RegExp(pattern).test(value.trim()),
};

const NUMBERS = { integer: "a whole number", number: "a number", size: "whole numbers" };

/** What to enter instead of a value that the field cannot have; "" where it may. What else there is, the server knows. */
export function objection(field, value) {
  if (value === null || (POSSIBLE[field.kind]?.(field, value) ?? true)) return "";
  if (field.kind === "text") return `Enter it like ${field.examples.join(" or ")}.`;
  const steps = field.multiple > 1 ? `multiples of ${field.multiple}` : "";
  return `Enter ${[NUMBERS[field.kind], range(field), steps].filter(Boolean).join(", ")}.`;
}

export const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
