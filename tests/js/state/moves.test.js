import assert from "node:assert/strict";
import { test } from "node:test";

import "../facts.js";
import { neighbourInQueue, possible } from "../../../static/js/state/moves.js";

const row = (more = {}) => ({
  state: "done",
  number: 9,
  method: "match",
  params: { tile: "both" },
  images: {},
  files: [],
  ...more,
});
const trained = { method: "sgan", files: ["model.safetensors"] };

test("without a step there is nothing to download", () => {
  assert.deepEqual(possible(row({ state: "paused", number: 0 })), ["resume", "cancel"]);
  assert.deepEqual(possible(row({ state: "paused" })), ["resume", "cancel", "download", "copy", "sheet"]);
});

test("what waits behind others can be run first", () => {
  assert.deepEqual(possible(row({ state: "queued", number: 0, place: 2 })), ["first", "pause", "cancel"]);
  assert.deepEqual(possible(row({ state: "queued", number: 0, place: 1 })), ["pause", "cancel"]);
});

test("the neighbour of a job in the queue is the next one of those that wait", () => {
  const at = (place, more = {}) => row({ state: "queued", id: String(place), place, ...more });
  const rows = [at(7), at(2), at(4, { id: "run" }), at(4, { id: "other run" }), at(5, { state: "paused" }), row()];
  const from = (place, way) => neighbourInQueue(rows, at(place), way)?.id;
  assert.deepEqual([from(7, -1), from(2, 1), from(4, -1), from(4, 1)], ["other run", "run", "2", "7"]);
  assert.deepEqual([from(2, -1), from(7, 1)], [undefined, undefined]);
});

test("a picture that does not tile has no sheet", () => {
  assert.deepEqual(possible(row({ method: "guided", images: { content: "x" } })), ["download", "copy"]);
});

test("a result that is done is continued larger, where its method can", () => {
  assert.deepEqual(possible(row()), ["download", "copy", "sheet", "larger", "material"]);
  for (const other of [{ state: "paused" }, { method: "guided" }, { method: "of a later version" }])
    assert.ok(!possible(row(other)).includes("larger"));
});

test("a tile is made a material, and that is packed", () => {
  assert.ok(possible(row({ method: "sample", params: { tile: "x" } })).includes("material"));
  assert.deepEqual(possible(row({ method: "material" })), ["package", "download", "copy", "sheet"]);
  for (const other of [{ state: "paused" }, { method: "guided", images: { content: "x" } }, { method: "material" }])
    assert.ok(!possible(row(other)).includes("material"));
  assert.ok(!possible(row({ method: "material", state: "failed" })).includes("package"));
});

test("a set of tiles is downloaded with its index map", () => {
  const files = ["index.png", "tiles.json", "origins.png"];
  assert.deepEqual(possible(row({ method: "tileset", files })), ["files", "download", "copy", "sheet", "material"]);
  assert.ok(!possible(row({ method: "tileset", files, state: "paused" })).includes("files"));
});

test("a tile whose maps were taken along is a material already", () => {
  const moves = possible(row({ images: { source: "a", height: "b" } }));
  assert.ok(moves.includes("package"));
  assert.ok(!moves.includes("material"));
});

test("what a model is for comes first once it is trained", () => {
  assert.deepEqual(possible(row(trained)), [
    "sample",
    "walk",
    "download",
    "copy",
    "sheet",
    "material",
    "model",
    "further",
  ]);
  assert.deepEqual(possible(row({ ...trained, params: { task: "stylise" } })).slice(0, 1), ["stylise"]);
});

test("a model that failed can still be used", () => {
  assert.deepEqual(possible(row({ ...trained, state: "failed" })), ["retry", "sample", "walk", "model"]);
});

test("a loop is played", () => {
  assert.deepEqual(possible(row({ method: "walk", files: ["animation.webp"] })), ["play", "loop", "again"]);
});
