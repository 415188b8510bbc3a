// The live connection. It watches all jobs of this session, and a comparison while that is shown; it is whole again at
// once after a break.

import { io } from "../../vendor/socket.io.esm.min.js";
import { ROOT } from "./addresses.js";

/** @import { Frame, Job, ProblemDocument, Snapshot, Step, Weights } from "../types" */

const GRACE = 800; // ms without a connection before it is worth a word: a reload of the server is quicker than that

/** Resolves when somebody can see the page: until then frames stay unacknowledged, so the server sends none. */
function visible() {
  if (!document.hidden) return Promise.resolve();
  return new Promise((resolve) => {
    document.addEventListener("visibilitychange", resolve, { once: true });
  });
}

/** Resolves when what was asked to be drawn has been drawn. */
const drawn = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));

/**
 * What is called with what the server says. `frame` may be asynchronous; the frame is acknowledged once it is done and has
 * been drawn.
 * @typedef {object} Listeners
 * @property {(answer: Snapshot) => void} snapshot
 * @property {(id: string, problem: ProblemDocument) => void} refused
 * @property {(row: Job) => void} row
 * @property {(id: string) => void} removed
 * @property {(id: string) => void} comparison
 * @property {(message: Step) => void} step
 * @property {(frame: Frame) => unknown} frame
 * @property {(state: Weights) => void} weights
 * @property {(reason: string | null) => void} gone
 * @property {() => void} back
 */

/**
 * Returns a function that watches again, because something else is wanted.
 * @param {() => string | null} wanted says which comparison is to be watched: its id, or null.
 * @param {Listeners} on
 */
export function connect(wanted, on) {
  const socket = io({
    path: `${ROOT}/socket.io`,
    transports: ["websocket", "polling"],
    reconnectionDelay: 300,
    reconnectionDelayMax: 1000, // half as much more or less, by chance: the page is whole within 3 s of the server being back
  });
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let alarm;

  /** @param {string | null} reason */
  const lost = (reason) => {
    alarm ??= setTimeout(() => on.gone(reason), GRACE);
  };

  /** @param {string | null} comparison */
  const watch = (comparison) => {
    /** @param {Snapshot | { problem: ProblemDocument }} answer */
    const take = (answer) => {
      if (!("problem" in answer)) on.snapshot(answer);
      else if (comparison) {
        on.refused(comparison, answer.problem);
        watch(null);
      } else on.gone(answer.problem.detail ?? null);
    };
    socket.emit("watch", { jobs: "mine", ...(comparison && { comparison }) }, take);
  };

  socket.on("connect", () => {
    clearTimeout(alarm);
    alarm = undefined;
    on.back();
    watch(wanted());
  });
  socket.on("disconnect", () => lost(null));
  socket.on("connect_error", (error) => lost(socket.active ? null : error.message));

  socket.on("job", ({ row }) => on.row(row));
  socket.on("deleted", ({ job }) => on.removed(job));
  socket.on("comparison", ({ id }) => on.comparison(id));
  socket.on("step", on.step);
  socket.on("weights", on.weights);
  socket.on("frame", async (frame, acknowledge) => {
    try {
      await on.frame(frame);
      await visible();
      await drawn();
    } finally {
      acknowledge?.();
    }
  });
  return () => socket.connected && watch(wanted());
}
