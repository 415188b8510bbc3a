import assert from "node:assert/strict";
import { test } from "node:test";

import "../facts.js";
import {
  bestOf,
  commonBaseline,
  differBySeedAlone,
  exemplarShape,
  inkOf,
  isSecondRound,
  metricsOf,
  shareOf,
  wallOf,
} from "../../../static/js/state/runs.js";

const measured = (...values) => values.map((patch) => ({ images: {}, metrics: { patch } }));

test("the best is the lowest of two at least", () => {
  assert.equal(bestOf(measured(3, 2, 4), "patch"), 2);
  assert.equal(bestOf(measured(3), "patch"), null);
  const [low, high] = [0.2, 0.9].map((regularity) => ({ images: { source: "a" }, metrics: { regularity } }));
  assert.equal(bestOf([low, high], "regularity"), 0.9);
  assert.equal(bestOf([low, { ...high, images: { source: "b" } }], "regularity"), null);
});

test("seeds alone differ, or something else does too", () => {
  const runs = [1, 2].map((seed) => ({ method: "match", images: {}, params: { seed, size: 256 } }));
  assert.equal(differBySeedAlone(runs), true);
  assert.equal(differBySeedAlone([...runs, { ...runs[0], params: { seed: 3, size: 512 } }]), false);
  assert.equal(differBySeedAlone([...runs, { ...runs[0], images: { source: "other" } }]), false);
});

test("a baseline is common where all agree", () => {
  const rows = [0.5, 0.5, undefined].map((patch) => ({ baselines: { patch } }));
  assert.equal(commonBaseline(rows, "patch"), 0.5);
  assert.equal(commonBaseline([...rows, { baselines: { patch: 0.6 } }], "patch"), null);
});

test("a share is what a running job had of the last seconds", () => {
  const points = [0, 5, 10, 20].map((wall) => ({ wall, seconds: wall / 4 }));
  assert.equal(shareOf({ state: "running" }, points), 0.25);
  assert.equal(shareOf({ state: "paused" }, points), null);
  assert.equal(shareOf({ state: "running" }, points.slice(0, 1)), null);
});

test("time by the clock ends with the job", () => {
  const row = { created: "2026-01-01T00:00:00Z", ended: "2026-01-01T00:01:00Z", wall: 7 };
  assert.equal(wallOf(row, [{ wall: 70 }]), 60);
  assert.equal(wallOf({ ...row, ended: null }, []), 7);
});

test("an exemplar is looked at reduced, and never enlarged", () => {
  assert.deepEqual(exemplarShape({ width: 800, height: 400 }, { size: 200 }), { width: 400, height: 200 });
  assert.deepEqual(exemplarShape({ width: 80, height: 40 }, { size: 200 }), { width: 80, height: 40 });
});

test("metrics come in the order of the catalogue, then those that it does not know", () => {
  const rows = [{ metrics: { odd: 1, regularity: 1, seam_limit: 2, patch: 1 } }, { metrics: { copying: 0.1 } }];
  assert.deepEqual(metricsOf(rows), ["patch", "copying", "regularity", "odd"]);
});

test("colours of runs come again, marked as a second round", () => {
  assert.deepEqual([1, 2, 3].map(inkOf), [1, 2, 1]);
  assert.deepEqual([1, 2, 3].map(isSecondRound), [false, false, true]);
});
