// What the page knows of this session's jobs: rows, curves, the newest picture of each, and which one is shown.
// Events: "named" {id of a comparison}, "row" {id, row, before}, "removed" {id}, "points" {id}, "picture" {id}, "selected" {id}.

import { inStripOrder, isUnfinished } from "./rows.js";

/** @import { Frame, Job, LivePicture, Point, Step } from "../types" */

// Of what is dragged, a job's id: one that may have a result, and one that waits in the queue.
export const JOB_TYPE = "application/x-texture-lab-job";
export const QUEUED_TYPE = "application/x-texture-lab-queued-job";
const LONGEST_CURVE = 4000; // points kept; beyond, every other one of the older half goes

export class Jobs extends EventTarget {
  /** @type {Map<string, Job>} */
  rows = new Map();
  /** @type {Map<string, Point[]>} */
  points = new Map();
  /** @type {Map<string, LivePicture>} of jobs that have not ended */
  pictures = new Map();
  /** @type {string | null} */
  selected = null; // a job's id, or null: a new texture is being prepared
  /** @type {Set<string>} */
  guests = new Set(); // ids of comparisons of others, whose jobs we are let see
  /** @type {Map<string, string>} */
  names = new Map(); // id of a comparison -> what its owner has called it
  /** @type {Map<string, number>} */
  #frames = new Map(); // id -> seq of the newest frame seen
  /** @type {Map<string, number>} */
  #steps = new Map();

  /** @param {string} name @param {object} detail */
  #say(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  get current() {
    return (this.selected && this.rows.get(this.selected)) || null;
  }

  /** This session's own: those that wait first, the next one last of them, then the newest first. */
  list() {
    return [...this.rows.values()].filter((row) => !this.isGuest(row)).sort(inStripOrder);
  }

  /**
   * Whether it is somebody else's.
   * @param {Job} row
   */
  isGuest({ comparison }) {
    return comparison !== null && this.guests.has(comparison);
  }

  /** @param {string | null} id */
  select(id) {
    this.selected = id;
    this.#say("selected", { id });
  }

  /** @param {Job} row */
  setRow(row) {
    const before = this.rows.get(row.id) ?? null;
    if (before && before.seq > row.seq) return;
    this.rows.set(row.id, row);
    if (!isUnfinished(row)) this.#forgetPicture(row.id);
    if (before && before.number > row.number) this.points.delete(row.id);
    this.#say("row", { id: row.id, row, before });
  }

  /** @param {string} comparison @param {string | null} name */
  setName(comparison, name) {
    if (name) this.names.set(comparison, name);
    else this.names.delete(comparison);
    this.#say("named", { id: comparison });
  }

  /** @param {string} id */
  remove(id) {
    if (!this.rows.delete(id)) return;
    this.points.delete(id);
    this.#forgetPicture(id);
    this.#say("removed", { id });
  }

  /** @param {string} id @param {Point[]} points */
  setPoints(id, points) {
    this.points.set(id, points);
    this.#say("points", { id });
  }

  /** @param {Step} message */
  step({ job, seq, number, total, seconds, wall, done, eta, losses, metrics }) {
    const row = this.rows.get(job);
    if (!row || seq <= (this.#steps.get(job) ?? -1)) return;
    this.#steps.set(job, seq);
    this.#addPoint(job, { number, seconds, wall, values: { ...losses, ...metrics } });
    this.setRow({ ...row, seq: Math.max(seq, row.seq), number, total, seconds, wall, done, eta, losses, metrics });
    this.#say("points", { id: job });
  }

  /** @param {string} id @param {Point} point */
  #addPoint(id, point) {
    const kept = (this.points.get(id) ?? []).filter((old) => old.number < point.number);
    const half = kept.length > LONGEST_CURVE ? kept.length / 2 : 0;
    this.points.set(id, [...kept.filter((_, index) => index >= half || index % 2 === 0), point]);
  }

  /**
   * True when this frame is newer than all before it: worth decoding.
   * @param {Frame} frame
   */
  isNewFrame({ job, seq }) {
    if (!this.rows.has(job) || seq <= (this.#frames.get(job) ?? -1)) return false;
    this.#frames.set(job, seq);
    return true;
  }

  /** @param {string} id @param {LivePicture} picture */
  setPicture(id, picture) {
    if (!this.rows.has(id)) return picture.bitmap.close();
    const before = this.pictures.get(id);
    this.pictures.set(id, picture);
    this.#say("picture", { id });
    before?.bitmap.close();
  }

  /** @param {string} id */
  #forgetPicture(id) {
    // Not closed: the stage may show it until the result has come.
    this.pictures.delete(id);
    this.#frames.delete(id);
  }
}
