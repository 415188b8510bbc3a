// What a run looks like now: its live picture, or the one that it has left; or for a while, an earlier one. Event: "change".

import { complain } from "../kit/notices.js";
import * as api from "../state/api.js";
import { hasResult } from "../state/moves.js";
import { isHuge } from "../state/rows.js";

/** @import { Job, LivePicture, Shape } from "../types" */

const NOT_YET = [404, 409]; // there is no such picture, or the job has moved on: what is shown stays

export class Shot extends EventTarget {
  /** @type {ImageBitmap | null} */
  newest = null;
  /** @type {ImageBitmap | null} */
  #held = null; // is seen instead of the newest
  /** @type {Shape} */
  shape;
  #shapeFor;
  #turn = 0; // grows with each picture: one that was asked for earlier is late
  /** @type {(() => void) | null} */
  #missed = null; // asks again for a picture that could not be fetched

  /** @param {(bitmap: Shape) => Shape} shapeFor tells the shape of a tile at full size, given a bitmap of it that may be coarser. */
  constructor(shapeFor) {
    super();
    this.#shapeFor = shapeFor;
    this.shape = shapeFor({ width: 1, height: 1 });
  }

  /** What is to be seen, if there is something yet. */
  get bitmap() {
    return this.#held ?? this.newest;
  }

  /** @param {ImageBitmap | null} bitmap */
  show(bitmap) {
    this.#turn += 1;
    this.#missed = null;
    this.newest = bitmap;
    this.#changed();
  }

  /** Shows an earlier picture while newer ones come. @param {ImageBitmap | null} bitmap null: the newest again. */
  hold(bitmap) {
    this.#held = bitmap;
    this.#changed();
  }

  #changed() {
    if (this.bitmap?.width) this.shape = this.#shapeFor(this.bitmap);
    this.dispatchEvent(new Event("change"));
  }

  /** @param {string} path */
  async load(path) {
    this.#turn += 1;
    const turn = this.#turn;
    this.#missed = null;
    try {
      const bitmap = await api.bitmap(path);
      if (turn === this.#turn) this.show(bitmap);
    } catch (problem) {
      if (NOT_YET.includes(problem.status)) return;
      if (turn === this.#turn) this.#missed = () => this.load(path);
      complain(problem.message);
    }
  }

  /** Once more what could not be fetched, as while the server was away. */
  again() {
    this.#missed?.();
  }

  /**
   * Follows a job.
   * @param {Job} row
   * @param {Job | null} before the row as it was.
   * @param {LivePicture | null | undefined} picture that came live, if one did.
   */
  follow(row, before, picture) {
    const settled = !before || before.state !== row.state || before.number !== row.number;
    if (before && row.number < before.number) this.show(null); // it started over
    if (hasResult(row)) return settled && this.load(isHuge(row) ? api.previewPath(row.id) : api.resultPath(row.id));
    if (before) return undefined;
    if (picture) return this.show(picture.bitmap);
    return row.number > 0 && this.load(api.previewPath(row.id));
  }
}
