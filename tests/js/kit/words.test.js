import assert from "node:assert/strict";
import { test } from "node:test";

import {
  bytes,
  clock,
  day,
  duration,
  extent,
  figure,
  mark,
  roughly,
  sentence,
  taken,
  when,
} from "../../../static/js/kit/words.js";

test("a time is read off a clock, or in words", () => {
  assert.deepEqual([0, 75, 3700].map(clock), ["0:00", "1:15", "1:01:40"]);
  assert.deepEqual([taken(0.4), taken(80), taken(80, duration)], ["under 1 s", "1:20", "1 min 20 s"]);
  assert.deepEqual([12, 130, 4000].map(duration), ["12 s", "2 min 10 s", "1 h 6 min"]);
});

test("a rough time has steps that grow with it, and no zero at its end", () => {
  assert.deepEqual([7, 33, 88, 600, 5000].map(roughly), ["7 s", "35 s", "1 min 30 s", "10 min", "1 h 30 min"]);
});

test("a figure has three digits, and small and large ones are powers of ten", () => {
  assert.deepEqual([null, NaN, 0, 0.00423, 4.2e-6, 12345, 2e6].map(figure), [
    ...["–", "–", "0", "0.00423", "4.20e-6", "12300", "2.00e+6"],
  ]);
  assert.deepEqual([0.1, 1e-4].map(mark), ["0.1", "1e-4"]);
});

test("a size is one number or two", () => {
  assert.deepEqual(extent("512x384"), { width: 512, height: 384 });
  assert.deepEqual(extent(512), { width: 512, height: 512 });
});

test("bytes are counted in thousands", () => {
  assert.deepEqual([12, 1234567, 5e9].map(bytes), ["12 bytes", "1.23 MB", "5 GB"]);
});

test("a sentence begins with a capital and ends once", () => {
  assert.deepEqual(["what it is", "Done.", ""].map(sentence), ["What it is.", "Done.", ""]);
});

test("a day of this year goes without the year, and one of these days has its name", () => {
  const now = new Date(2026, 10, 12, 16, 0);
  assert.equal(when(new Date(2026, 10, 12, 14, 5), now), "today 14:05");
  assert.equal(when(new Date(2026, 10, 11, 23, 59), now), "yesterday 23:59");
  assert.equal(when(new Date(2026, 2, 1, 9, 0), now), "1 March 09:00");
  assert.equal(day(new Date(2024, 2, 1), now), "1 March 2024");
});
