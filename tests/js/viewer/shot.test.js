import assert from "node:assert/strict";
import { test } from "node:test";

import { Shot } from "../../../static/js/viewer/shot.js";

const picture = (width) => /** @type {any} */ ({ width, height: width });

test("an earlier picture is held while newer ones come", () => {
  const shot = new Shot((bitmap) => bitmap);
  let changes = 0;
  shot.addEventListener("change", () => (changes += 1));
  shot.show(picture(64));
  shot.hold(picture(16));
  shot.show(picture(128));
  assert.equal(shot.bitmap?.width, 16);
  assert.equal(shot.shape.width, 16);
  assert.equal(shot.newest?.width, 128);
  shot.hold(null);
  assert.equal(shot.bitmap?.width, 128);
  assert.equal(shot.shape.width, 128);
  assert.equal(changes, 4);
});
