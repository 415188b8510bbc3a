import assert from "node:assert/strict";
import { test } from "node:test";

import { fieldsOf, objection, plain, range } from "../../../static/js/kit/schema.js";

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

test("a value that cannot be is answered with what can", () => {
  const steps = fieldOf({ type: "integer", minimum: 1, maximum: 100 });
  for (const wrong of ["1e3x", "", 1.5, 0, 101])
    assert.equal(objection(steps, wrong), "Enter a whole number, 1 to 100.");
  assert.equal(objection(steps, 100), "");
  const rate = fieldOf({ type: "number", minimum: 0 });
  assert.deepEqual([objection(rate, -0.1), objection(rate, 0.3)], ["Enter a number, at least 0.", ""]);
  const size = fieldOf({ type: "string", format: "size", "x-smallest": 32, "x-largest": 4096, "x-multiple": 16 });
  const words = "Enter whole numbers, 32 to 4,096, multiples of 16.";
  for (const wrong of ["1e3", "", "x", "256x", "16", "250", "256x250"]) assert.equal(objection(size, wrong), words);
  for (const right of ["256", "640x384"]) assert.equal(objection(size, right), "");
  const schedule = fieldOf({ type: "string", pattern: "^\\d+( \\d+)*$", examples: ["100", "150 80"] });
  assert.deepEqual([objection(schedule, "1e3"), objection(schedule, "60 30")], ["Enter it like 100 or 150 80.", ""]);
});

test("what may stay empty may, and what the page cannot tell is left to the server", () => {
  assert.equal(objection(fieldOf({ anyOf: [{ type: "integer", minimum: 1 }, { type: "null" }] }), null), "");
  assert.equal(objection(fieldOf({ type: "string", pattern: "^a$" }), "b"), "");
  assert.equal(objection(fieldOf({ type: "object" }), "b"), "");
});
