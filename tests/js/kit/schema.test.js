import assert from "node:assert/strict";
import { test } from "node:test";

import { fieldsOf, plain, range } from "../../../static/js/kit/schema.js";

const fieldOf = (property, more = {}) => fieldsOf({ properties: { one: property }, ...more })[0];

test("the kind of a field is told by its schema", () => {
  const kinds = [
    [{ type: "integer" }, "integer"],
    [{ type: "boolean" }, "switch"],
    [{ type: "string", enum: ["a", "b"] }, "choice"],
    [{ type: "string", format: "size" }, "size"],
    [{ type: "array", items: { type: "number" } }, "list"],
    [{ type: "object" }, "json"],
  ];
  for (const [property, kind] of kinds) assert.equal(fieldOf(property).kind, kind);
});

test("a field that may stay empty has the kind of what it may hold", () => {
  const field = fieldOf({ anyOf: [{ type: "integer", minimum: 1 }, { type: "null" }], default: null });
  assert.deepEqual([field.kind, field.nullable, field.minimum, field.default], ["integer", true, 1, null]);
});

test("a definition is looked up where it is referred to", () => {
  const field = fieldOf({ $ref: "#/$defs/Kind", default: "b" }, { $defs: { Kind: { enum: ["a", "b"] } } });
  assert.deepEqual([field.kind, field.choices, field.default], ["choice", ["a", "b"], "b"]);
});

test("a bound that is excluded is the next integer within", () => {
  const field = fieldOf({ type: "integer", exclusiveMinimum: 0, exclusiveMaximum: 10 });
  assert.equal(range(field), "1 to 9");
  assert.equal(range(fieldOf({ type: "number", minimum: 0.5 })), "at least 0.5");
  assert.equal(range(fieldOf({ type: "number" })), "");
});

test("values come as a text field writes them", () => {
  assert.equal(plain([256, 256], "size"), "256");
  assert.equal(plain([640, 384], "size"), "640x384");
  assert.equal(plain([60, 30], "text"), "60 30");
  assert.equal(plain(3, "integer"), 3);
});
