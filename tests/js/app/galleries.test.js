import assert from "node:assert/strict";
import { test } from "node:test";

import { Later } from "../../../static/js/app/galleries.js";

const gallery = () => ({
  opened: 0,
  open() {
    this.opened += 1;
  },
  close() {},
});

test("a gallery that is asked for twice while its scripts are on their way is made once", async () => {
  const made = [];
  const later = new Later(async () => {
    made.push(gallery());
    return made.at(-1);
  });
  const [, one, other] = await Promise.all([later.open(), later.gallery(), later.gallery()]);
  assert.equal(made.length, 1);
  assert.equal(one, other);
  assert.equal(one.opened, 1);
});

test("a gallery that is left while its scripts are on their way is not opened", async () => {
  const one = gallery();
  const later = new Later(async () => one);
  const opening = later.open();
  later.close();
  await opening;
  assert.equal(one.opened, 0);
});

test("a gallery whose scripts did not come is null, and tried again", async () => {
  const said = [];
  const node = { children: [], append: (...parts) => said.push(...parts), setAttribute() {}, addEventListener() {} };
  globalThis.document = { getElementById: () => node, createElement: () => ({ ...node }) };
  const one = gallery();
  const answers = [() => Promise.reject(new Error("not there")), async () => one];
  const later = new Later(() => answers.shift()());
  assert.equal(await later.gallery(), null);
  assert.ok(said.some((words) => /could not be fetched/.test(words)));
  assert.equal(await later.gallery(), one);
});
