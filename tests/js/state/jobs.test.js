import assert from "node:assert/strict";
import { test } from "node:test";

import "../facts.js";
import { Jobs } from "../../../static/js/state/jobs.js";

const row = (more = {}) => ({ id: "a", seq: 1, number: 0, state: "running", created: "2026-01-01", ...more });

function jobsWith(...rows) {
  const jobs = new Jobs();
  rows.forEach((one) => jobs.setRow(one));
  return jobs;
}

const bitmap = () => ({
  closed: false,
  close() {
    this.closed = true;
  },
});

test("an older row never replaces a newer one", () => {
  const jobs = jobsWith(row({ seq: 5, state: "paused" }), row({ seq: 4, state: "running" }));
  assert.equal(jobs.rows.get("a").state, "paused");
});

test("a step moves the row and the curve on, once", () => {
  const jobs = jobsWith(row());
  const step = { job: "a", seq: 2, number: 7, total: 10, seconds: 1, losses: { style: 2 }, metrics: {} };
  jobs.step(step);
  jobs.step(step);
  assert.equal(jobs.rows.get("a").number, 7);
  assert.deepEqual(jobs.points.get("a"), [{ number: 7, seconds: 1, wall: undefined, values: { style: 2 } }]);
});

test("a job that begins again loses its curve", () => {
  const jobs = jobsWith(row({ number: 9 }));
  jobs.setPoints("a", [{ number: 9 }]);
  jobs.setRow(row({ seq: 2, number: 0 }));
  assert.equal(jobs.points.has("a"), false);
});

test("a frame is new once, and only of a job that is known", () => {
  const jobs = jobsWith(row());
  const asked = [
    { job: "a", seq: 3 },
    { job: "a", seq: 3 },
    { job: "a", seq: 2 },
    { job: "b", seq: 9 },
  ];
  assert.deepEqual(
    asked.map((frame) => jobs.isNewFrame(frame)),
    [true, false, false, false],
  );
});

test("a picture that nobody can see any more is closed", () => {
  const jobs = jobsWith(row());
  const [first, second, stray] = [bitmap(), bitmap(), bitmap()];
  jobs.setPicture("a", { bitmap: first });
  jobs.setPicture("a", { bitmap: second });
  jobs.setPicture("b", { bitmap: stray });
  assert.deepEqual([first.closed, second.closed, stray.closed], [true, false, true]);
});

test("a long curve is thinned where it is old, and keeps its newest points", () => {
  const jobs = jobsWith(row());
  for (let number = 1; number <= 9000; number += 1) jobs.step({ job: "a", seq: number + 1, number, seconds: number });
  const numbers = jobs.points.get("a").map((point) => point.number);
  assert.ok(numbers.length <= 4001);
  assert.deepEqual(numbers.slice(-3), [8998, 8999, 9000]);
});

test("the list is newest first, and without what others share", () => {
  const jobs = jobsWith(row(), row({ id: "b", created: "2026-01-02" }), row({ id: "c", comparison: "theirs" }));
  jobs.guests.add("theirs");
  assert.deepEqual(
    jobs.list().map(({ id }) => id),
    ["b", "a"],
  );
});
