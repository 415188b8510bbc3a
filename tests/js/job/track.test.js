import assert from "node:assert/strict";
import { test } from "node:test";

import { Track } from "../../../static/js/job/track.js";

function trackOf(...numbers) {
  const track = new Track();
  track.set(numbers);
  return track;
}

test("it begins at the end, and stays there while pictures come", () => {
  const track = trackOf(1, 9);
  assert.deepEqual([track.place, track.end, track.number], [2, 2, null]);
  track.set([1, 9, 17]);
  assert.deepEqual([track.place, track.number], [3, null]);
});

test("what is looked at stays, wherever it comes to be", () => {
  const track = trackOf(1, 2, 3, 4, 5);
  track.place = 2;
  assert.equal(track.number, 3);
  track.set([1, 3, 5, 7]);
  assert.deepEqual([track.place, track.number], [1, 3]);
});

test("where its picture is gone, it is at the one before", () => {
  const track = trackOf(1, 2, 3, 4, 5);
  track.place = 3;
  track.set([1, 3, 5]);
  assert.deepEqual([track.place, track.number], [1, 4]);
  track.place = 4;
  assert.equal(track.number, null);
});

test("it advances from picture to picture, and from the end to the first", () => {
  const track = trackOf(1, 9);
  const seen = [1, 2, 3, 4].map(() => [track.advance(), track.number][1]);
  assert.deepEqual(seen, [1, 9, null, 1]);
});
