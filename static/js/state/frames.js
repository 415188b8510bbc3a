// Live pictures: JPEG bytes to bitmaps, the newest of each job kept.

/** @import { Frame } from "../types" */
/** @import { Jobs } from "./jobs.js" */

/** @param {Jobs} jobs @param {Frame} frame */
export async function receive(jobs, frame) {
  const id = frame.job;
  if (!jobs.isNewFrame(frame)) return;
  const bitmap = await createImageBitmap(new Blob([frame.data], { type: "image/jpeg" }));
  const newest = jobs.pictures.get(id)?.number ?? -1;
  if (frame.number < newest && (jobs.rows.get(id)?.number ?? -1) >= newest) bitmap.close();
  else jobs.setPicture(id, { bitmap, number: frame.number });
}
