import assert from "node:assert/strict";
import { test } from "node:test";

import { neighbour } from "../../../static/js/viewer/repeats.js";

const from = (columns, rows, key) => {
  const found = neighbour({ columns, rows }, key);
  return found && [found.columns, found.rows];
};

test("arrow keys go from cell to cell", () => {
  assert.deepEqual(from(2, 3, "ArrowRight"), [3, 3]);
  assert.deepEqual(from(2, 3, "ArrowLeft"), [1, 3]);
  assert.deepEqual(from(2, 3, "ArrowDown"), [2, 4]);
  assert.deepEqual(from(2, 3, "ArrowUp"), [2, 2]);
});

test("they stay within the grid", () => {
  assert.deepEqual(from(5, 5, "ArrowRight"), [5, 5]);
  assert.deepEqual(from(1, 1, "ArrowUp"), [1, 1]);
});

test("other keys lead nowhere", () => {
  assert.equal(from(2, 2, "Enter"), null);
});
