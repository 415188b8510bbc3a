import assert from "node:assert/strict";
import { test } from "node:test";

import { Lens } from "../../../static/js/viewer/lens.js";

const ROOM = { width: 400, height: 200 };

function lensOn(width, height) {
  const lens = new Lens();
  lens.setShape({ width, height });
  return lens;
}

test("at first all of the picture is seen", () => {
  const lens = lensOn(800, 800);
  assert.equal(lens.scaleIn(ROOM), 0.25);
  assert.equal(lens.canPan(ROOM), false);
});

test("repeated tiles are fitted together", () => {
  const lens = lensOn(100, 100);
  lens.repeat(4);
  assert.equal(lens.scaleIn(ROOM), 0.5);
});

test("a tile that fits is a whole number of screen pixels wide", () => {
  const lens = lensOn(96, 96);
  lens.repeat(3, 2);
  assert.equal(lens.placeIn(ROOM, { width: 96, height: 96 }).tile.width, 100);
  assert.deepEqual(lens.placeIn(ROOM, { width: 96, height: 96 }).width, 300);
});

test("a smaller picture is seen in the same scale, in the middle", () => {
  const lens = lensOn(100, 100);
  const { left, top, width, height } = lens.placeIn(ROOM, { width: 50, height: 20 });
  assert.deepEqual([left, top, width, height], [150, 80, 100, 40]);
});

test("what a person points at stays where it is while they zoom", () => {
  const lens = lensOn(800, 800);
  lens.showTruePixels();
  const point = { x: 50, y: -20 };
  const under = () => [lens.x + point.x / lens.scaleIn(ROOM), lens.y + point.y / lens.scaleIn(ROOM)];
  const before = under();
  lens.zoomBy(2, ROOM, point);
  assert.equal(lens.scaleIn(ROOM), 2);
  assert.deepEqual(under(), before);
});

test("the picture cannot be moved out of sight", () => {
  const lens = lensOn(800, 800);
  lens.showTruePixels();
  lens.pan(ROOM, 10_000, -10_000);
  assert.deepEqual([lens.x, lens.y], [-200, 300]);
});

test("zooming out ends where all is seen, and then the lens fits again", () => {
  const lens = lensOn(800, 800);
  lens.showTruePixels();
  lens.zoomBy(1e-6, ROOM);
  assert.equal(lens.zoom, null);
});

test("who looks through it is told of changes, and of nothing else", () => {
  const lens = lensOn(800, 800);
  let told = 0;
  lens.addEventListener("change", () => (told += 1));
  lens.setShape({ width: 800, height: 800 });
  lens.repeat(1);
  lens.shift(false);
  assert.equal(told, 0);
  lens.shift(true);
  lens.repeat(2);
  assert.equal(told, 2);
});
