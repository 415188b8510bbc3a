import assert from "node:assert/strict";
import { test } from "node:test";

import "../facts.js";
import { inWords, measured } from "../../../static/js/state/metrics.js";

test("a share is read in per cent, anything else as a number", () => {
  assert.equal(inWords("copying", 0.123), "12 %");
  assert.equal(inWords("patch", 0.123), "0.123");
});

test("what was measured comes in the order of the catalogue, without what has no words", () => {
  assert.deepEqual(measured({ metrics: { copying: 0, patch: 1, seam: 2 } }), ["patch", "copying"]);
});
