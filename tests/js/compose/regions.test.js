import assert from "node:assert/strict";
import { test } from "node:test";

import { facts } from "../../../static/js/state/catalogue.js";
import "../facts.js";
import { Regions } from "../../../static/js/compose/regions.js";

const { regions: PALETTE } = facts.palette;

test("a stroke has round ends and stays inside", () => {
  const regions = new Regions(5, 3, PALETTE);
  regions.stroke({ x: 1, y: 1 }, { x: 3, y: 1 }, 1, 2);
  assert.deepEqual([...regions.styles], [0, 2, 2, 2, 0, 2, 2, 2, 2, 2, 0, 2, 2, 2, 0]);
});

test("where the result tiles it goes on at the other side, and only there", () => {
  const regions = new Regions(4, 3, PALETTE, [true, false]);
  regions.stroke({ x: 0, y: 0 }, { x: 0, y: 0 }, 1, 1);
  assert.deepEqual([...regions.styles], [1, 1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0]);
});

test("undo leads back to the last mark", () => {
  const regions = new Regions(2, 1, PALETTE);
  regions.mark();
  regions.fill(1);
  regions.undo();
  assert.equal(regions.has(1), false);
});

test("a picture is read by the nearest colour of the catalogue", () => {
  const regions = new Regions(3, 1, PALETTE);
  const data = new Uint8ClampedArray([10, 5, 0, 255, 250, 240, 255, 255, 200, 30, 30, 255]);
  regions.read({ data });
  assert.deepEqual([...regions.styles], [0, 1, 2]);
});
