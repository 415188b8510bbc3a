import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { fieldsOf } from "../../../static/js/kit/schema.js";
import {
  LONGEST,
  presetsOf,
  removePreset,
  restorePreset,
  savePreset,
  sifted,
  trimmed,
} from "../../../static/js/compose/own-presets.js";

const stored = new Map();
globalThis.localStorage = /** @type {any} */ ({
  getItem: (key) => stored.get(key) ?? null,
  setItem: (key, value) => stored.set(key, value),
});
beforeEach(() => stored.clear());

test("presets are kept by method, replaced by name and removed", () => {
  const [fast, fine] = [
    { name: "Fast", values: { steps: 5 } },
    { name: "Fine", values: { steps: 90 } },
  ];
  savePreset("gatys", fast);
  savePreset("gatys", fine);
  savePreset("match", fast);
  savePreset("gatys", { name: "Fast", values: { steps: 6 } });
  assert.deepEqual(presetsOf("gatys"), [{ name: "Fast", values: { steps: 6 } }, fine]);
  removePreset("gatys", "Fast");
  assert.deepEqual([presetsOf("gatys"), presetsOf("match")], [[fine], [fast]]);
});

test("one that was deleted comes back beside a newer one of its name", () => {
  const [old, newer] = [5, 6].map((steps) => ({ name: "x".repeat(LONGEST), values: { steps } }));
  savePreset("gatys", newer);
  const name = restorePreset("gatys", old);
  assert.deepEqual(presetsOf("gatys"), [newer, { ...old, name }]);
  assert.equal(name, `${"x".repeat(LONGEST - 4)} (2)`);
  removePreset("gatys", newer.name);
  assert.equal(restorePreset("gatys", newer), newer.name);
  assert.match(restorePreset("gatys", old), / \(3\)$/);
});

test("what is stored in another way breaks nothing", () => {
  for (const odd of ["5", "[]", '{"gatys": {"Fast": {}}}', '{"gatys": [7, null, {"name": "x"}]}', "{broken"]) {
    stored.set("texture-lab.presets", odd);
    assert.deepEqual(presetsOf("gatys"), []);
    savePreset("gatys", { name: "Fast", values: {} });
    assert.equal(presetsOf("gatys").length, 1);
  }
});

test("names are trimmed and not too long", () => {
  assert.equal(trimmed("  two \n words "), "two words");
  assert.equal(trimmed("x".repeat(99)).length, LONGEST);
  assert.equal(trimmed(" \t"), "");
});

test("what this version does not know or take is left out by name", () => {
  const fields = fieldsOf({
    properties: {
      steps: { title: "Steps", type: "integer", minimum: 1, maximum: 100 },
      rate: { title: "Rate", type: "number", exclusiveMinimum: 0 },
      tile: { title: "Seamless", enum: ["none", "both"] },
      on: { title: "On", type: "boolean" },
      layers: { title: "Layers", type: "array", items: { type: "string" } },
      size: { title: "Size", type: "string", format: "size", "x-smallest": 32, "x-largest": 512, "x-multiple": 16 },
      hue: { title: "Hue", anyOf: [{ type: "number" }, { type: "null" }] },
    },
  });
  const good = { steps: 5, rate: 0.5, tile: "both", on: false, layers: ["a"], size: "64x32", hue: null };
  assert.deepEqual(sifted(good, fields), { taken: good, left: [] });
  const bad = { steps: 500, rate: "0.5", tile: "x", on: "yes", layers: "a", size: 64, hue: "red", learning_rate: 1 };
  const { taken, left } = sifted(bad, fields);
  assert.deepEqual(taken, {});
  assert.deepEqual(left, ["Steps", "Rate", "Seamless", "On", "Layers", "Size", "Hue", "Learning rate"]);
  assert.deepEqual(sifted({ steps: null }, fields).left, ["Steps"]);
});
