import assert from "node:assert/strict";
import { test } from "node:test";

import { NEW, addressOf, besides, placeAt } from "../../../static/js/state/addresses.js";

test("an address leads back to its place", () => {
  for (const [view, id] of [
    ["new", null],
    ["job", "0a1b"],
    ["comparison", "0a1b"],
    ["comparison", besides(["0a1b", "2c3d"])],
    ["history", null],
  ])
    assert.deepEqual(placeAt(addressOf(view, id)), { view, id });
});

test("what is none of our addresses is a new texture", () => {
  assert.deepEqual(placeAt("/elsewhere"), NEW);
  assert.deepEqual(placeAt(addressOf("job", "no/id")), NEW);
  assert.deepEqual(placeAt(addressOf("job", besides(["0a1b", "2c3d"]))), NEW);
});
