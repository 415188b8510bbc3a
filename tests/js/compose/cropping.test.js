import assert from "node:assert/strict";
import { test } from "node:test";

import {
  cropOf,
  frameOf,
  moved,
  pixelsOf,
  resized,
  squared,
  straightened,
  turned,
  whole,
} from "../../../static/js/compose/cropping.js";

const picture = (width, height, angle = 0) => ({ width, height, angle });
const FREE = { square: false, least: 32 };
const SQUARE = { square: true, least: 32 };

const near = (found, wanted, message) => {
  for (const [name, value] of Object.entries(wanted))
    assert.ok(Math.abs(found[name] - value) < 1e-9, `${message ?? name}: ${JSON.stringify([found, wanted])}`);
};

/** By how much the worst corner lies outside, computed in another way than the module does. */
function excess({ left, top, right, bottom }, { width, height, angle }) {
  const turn = (angle * Math.PI) / 180;
  const corners = [left, right].flatMap((x) => [top, bottom].map((y) => [Math.hypot(x, y), Math.atan2(y, x) - turn]));
  const worst = corners.map(([r, at]) =>
    Math.max(Math.abs(r * Math.cos(at)) - width / 2, Math.abs(r * Math.sin(at)) - height / 2),
  );
  return Math.max(...worst);
}

test("all of a picture that is not turned is all of it, and of one that is, what is as wide and high", () => {
  near(pixelsOf(whole(picture(401, 300)), picture(401, 300)), { x: 0, y: 0, width: 401, height: 300 });
  for (const angle of [-45, -3.3, 0.1, 10, 45]) {
    const crop = whole(picture(400, 300, angle));
    assert.ok(Math.abs(excess(crop, picture(400, 300, angle))) < 1e-9);
    near({ ratio: (crop.right - crop.left) / (crop.bottom - crop.top) }, { ratio: 4 / 3 });
  }
});

test("straightening there and back leads to the same crop, about the same place of the picture", () => {
  const crop = { left: -200, top: -150, right: -50, bottom: -70 };
  const there = straightened(crop, picture(400, 300), 20);
  assert.ok(excess(there, picture(400, 300, 20)) < 1e-9);
  assert.ok(there.right - there.left < 150);
  const small = { left: 10, top: 10, right: 50, bottom: 40 };
  near(straightened(straightened(small, picture(400, 300), 20), picture(400, 300, 20), 0), small);
});

test("a quarter turn takes the crop along, and four of them, or one each way, change nothing", () => {
  const crop = { left: -200, top: -150, right: -100, bottom: -100 }; // the upper left corner of 400 × 300
  assert.deepEqual(turned(crop, true), { left: 100, top: -200, right: 150, bottom: -100 }); // the upper right one
  assert.deepEqual(turned(turned(crop, true), false), crop);
});

test("a crop is moved up to the edge and along it, and keeps its size", () => {
  const crop = { left: -50, top: -50, right: 50, bottom: 50 };
  near(moved(crop, { x: 1000, y: 30 }, picture(400, 300)), { left: 100, top: -20, right: 200, bottom: 80 });
  for (const angle of [-45, -12, 30]) {
    const there = moved(crop, { x: 1000, y: 30 }, picture(400, 300, angle));
    near({ width: there.right - there.left, height: there.bottom - there.top }, { width: 100, height: 100 });
    assert.ok(Math.abs(excess(there, picture(400, 300, angle))) < 1e-9);
  }
});

test("a handle moves its sides and no others, up to the edge and along it", () => {
  const crop = { left: -50, top: -50, right: 50, bottom: 50 };
  const pull = (way, by, rule = FREE, angle = 0) => resized(crop, way, by, picture(400, 300, angle), rule);
  near(pull({ x: 1, y: 0 }, { x: 20, y: 99 }), { ...crop, right: 70 });
  near(pull({ x: -1, y: -1 }, { x: -1000, y: -10 }), { ...crop, left: -200, top: -60 });
  near(pull({ x: 1, y: 1 }, { x: -1000, y: -1000 }), { ...crop, right: -18, bottom: -18 }); // the least that may be
  const slanted = pull({ x: 1, y: 1 }, { x: 1000, y: 1000 }, FREE, 15);
  assert.ok(Math.abs(excess(slanted, picture(400, 300, 15))) < 1e-9);
  assert.deepEqual([slanted.left, slanted.top], [-50, -50]);
});

test("a square stays one, whatever handle is moved", () => {
  const crop = squared({ left: -80, top: -50, right: 80, bottom: 50 });
  near(crop, { left: -50, top: -50, right: 50, bottom: 50 });
  for (const x of [-1, 0, 1])
    for (const y of [-1, 0, 1])
      for (const by of [1000, 13, -20, -1000])
        for (const angle of [0, 25]) {
          const there = resized(crop, { x, y }, { x: by * x, y: by * y }, picture(400, 300, angle), SQUARE);
          near({ width: there.right - there.left }, { width: there.bottom - there.top }, `${[x, y, by, angle]}`);
          assert.ok(there.right - there.left > 31.9);
          assert.ok(excess(there, picture(400, 300, angle)) < 1e-9);
        }
  const { width, height } = pixelsOf({ left: -20.4, top: -20, right: 20.1, bottom: 20.5 }, picture(400, 300), true);
  assert.deepEqual([width, height], [40, 40]);
});

test("a crop that straightening has made smaller than may be can grow, and does not jump", () => {
  const crop = { left: -10, top: -10, right: 10, bottom: 10 };
  near(resized(crop, { x: 1, y: 0 }, { x: -5, y: 0 }, picture(400, 300), FREE), crop);
  near(resized(crop, { x: 1, y: 0 }, { x: 5, y: 0 }, picture(400, 300), FREE), { ...crop, right: 15 });
});

test("pixels lie inside the crop, are counted from the corner of the frame, and lead back to it", () => {
  const frame = frameOf({ width: 400, height: 300 }, -30);
  near(frame, { width: 400 * Math.cos(Math.PI / 6) + 150, height: 200 + 300 * Math.cos(Math.PI / 6) });
  for (const angle of [0, -30, 7.7]) {
    const rectangle = pixelsOf(whole(picture(400, 300, angle)), picture(400, 300, angle));
    assert.ok(Object.values(rectangle).every(Number.isInteger));
    const crop = cropOf(rectangle, picture(400, 300, angle));
    assert.ok(excess(crop, picture(400, 300, angle)) < 1e-9);
    assert.deepEqual(pixelsOf(crop, picture(400, 300, angle)), rectangle);
  }
});
