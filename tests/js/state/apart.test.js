import assert from "node:assert/strict";
import { test } from "node:test";

import "../facts.js";
import { apart, apartFirst } from "../../../static/js/state/apart.js";

/** A job that leaves all at its usual value but for what is given. */
const job = (params = {}, { method = "match", preset = "standard" } = {}) => ({
  row: { method, params: { size: "256", seed: 0, ...params } },
  request: { method, preset, params },
});

test("a job is told from its neighbours by what differs, usual values included", () => {
  assert.deepEqual(apart(job({ size: "128", seed: 3 }), [job({ size: "128", seed: 4 })]), ["seed 3"]);
  assert.deepEqual(apart(job(), [job({ seed: 4 })]), ["seed 0"]);
  assert.deepEqual(apart(job(), [job({}, { preset: "draft" })]), ["standard"]);
  assert.deepEqual(apart(job({ seed: 1 }), [job({ seed: 1 })]), []);
  assert.deepEqual(apart(job({ seed: 1 }), []), []);
});

test("what another method alone has is not said", () => {
  assert.deepEqual(apart(job(), [job({ layers: 5 }, { method: "guided" })]), []);
});

test("what differs is said first, and nothing twice", () => {
  const draft = (params) => job(params, { preset: "draft" });
  assert.equal(apartFirst(draft({ seed: 3 }), [draft({ seed: 4 })]), "seed 3 · Match · draft");
  assert.equal(apartFirst(draft({ seed: 3 }), []), "Match · draft · seed 3");
});

test("of another method, the method is said first", () => {
  assert.equal(apartFirst(job({ seed: 3 }), [job({}, { method: "guided" })]), "Match · seed 3");
});
