// A notification when a job ends while the page is out of sight, where a person wants that and the browser allows it.

import { $ } from "../kit/dom.js";
import { recall, remember } from "../kit/memory.js";
import { announce, complain } from "../kit/notices.js";
import { duration, taken } from "../kit/words.js";
import { titleOf } from "../state/names.js";
import { isUnfinished } from "../state/rows.js";

/** @import { Jobs } from "../state/jobs.js" */
/** @import { Job } from "../types" */

const MEMORY = "notify";
const DENIED = "Notifications are blocked: allow them for this page in the browser’s settings.";

const UNABLE = "This browser does not let pages notify.";

/** A notification, or null where the browser makes none for a page: so does Chrome on Android. */
function notify(title, options) {
  try {
    return new Notification(title, options);
  } catch {
    return null;
  }
}

const isOn = () => recall(MEMORY, false) && Notification.permission === "granted";

/** Notifications are on if a first one, which goes at once, can be made. */
function tryOne() {
  const note = notify("Texture Lab", { silent: true });
  note?.close();
  return Boolean(note);
}

async function toggle() {
  const on = !isOn() && (await Notification.requestPermission()) === "granted";
  const isAble = !on || tryOne();
  remember(MEMORY, on && isAble);
  show();
  if (!isAble) {
    $("notify").hidden = true;
    return complain(UNABLE);
  }
  if (Notification.permission === "denied") return complain(DENIED);
  return announce(on ? "You will be notified when a texture is done." : "Notifications are off.");
}

function show() {
  $("notify").setAttribute("aria-pressed", String(isOn()));
}

/** @param {Job} row */
const words = (row) =>
  row.state === "done" ? `Done in ${taken(row.seconds, duration)}` : (row.message ?? "It failed.");

/**
 * @param {Jobs} jobs
 * @param {(row: Job) => void} open is called with the job whose notification is clicked
 */
export function offerNotifications(jobs, open) {
  if (!window.isSecureContext || !("Notification" in window)) return;
  $("notify").hidden = false;
  $("notify").addEventListener("click", toggle);
  show();
  jobs.addEventListener("row", ({ detail: { row, before } }) => {
    const ended = before && isUnfinished(before) && ["done", "failed"].includes(row.state);
    if (!ended || !document.hidden || !isOn() || jobs.isGuest(row)) return;
    const note = notify(titleOf(row), { body: words(row), tag: row.comparison ?? row.id });
    note?.addEventListener("click", () => {
      window.focus();
      open(row);
      note.close();
    });
  });
}
