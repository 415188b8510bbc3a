import assert from "node:assert/strict";
import { test } from "node:test";

import "../facts.js";
import { inStripOrder } from "../../../static/js/state/rows.js";

test("what waits stands in the order of its turns, the next one beside what has begun", () => {
  const job = (id, created, place = null) => ({ id, created, place });
  const jobs = [
    job("done", "2026-01-01"),
    job("next", "2026-01-04", 1),
    job("last", "2026-01-03", 2),
    job("new", "2026-01-02"),
  ];
  assert.deepEqual(
    jobs.toSorted(inStripOrder).map(({ id }) => id),
    ["last", "next", "new", "done"],
  );
});
