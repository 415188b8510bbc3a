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
      ...bounds(property, kind),
    };
  });
}

/** The bounds in words: "1 to 100", "at least 1". Shown only where they help a person to choose. */
export function range(field) {
  const { minimum, maximum } = field;
  if (minimum !== undefined && maximum !== undefined) return `${minimum} to ${maximum}`;
  if (minimum !== undefined) return `at least ${minimum}`;
  return maximum === undefined ? "" : `at most ${maximum}`;
}

export const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
