// The live connection. It watches all jobs of this session, and is whole again at once after a break.

import { io } from "../vendor/socket.io.esm.min.js";

const GRACE = 800; // ms without a connection before it is worth a word: a reload of the server is quicker than that

/** Resolves when somebody can see the page: until then frames stay unacknowledged, so the server sends none. */
function visible() {
  if (!document.hidden) return Promise.resolve();
  return new Promise((resolve) => {
    document.addEventListener("visibilitychange", resolve, { once: true });
  });
}

/**
 * @param on {snapshot, row, removed, step, frame, weights, gone, back}: called with what the server says.
 *   `frame` may be asynchronous; the frame is acknowledged once it is done.
 */
export function connect(on) {
  const socket = io({ transports: ["websocket", "polling"], reconnectionDelay: 300, reconnectionDelayMax: 3000 });
  let alarm = null;

  const lost = (reason) => {
    alarm ??= setTimeout(() => on.gone(reason), GRACE);
  };

  socket.on("connect", () => {
    clearTimeout(alarm);
    alarm = null;
    on.back();
    socket.emit("watch", { jobs: "mine" }, (answer) => {
      if (answer.problem) on.gone(answer.problem.detail);
      else on.snapshot(answer);
    });
  });
  socket.on("disconnect", () => lost(null));
  socket.on("connect_error", (error) => lost(socket.active ? null : error.message));

  socket.on("job", ({ row }) => on.row(row));
  socket.on("deleted", ({ job }) => on.removed(job));
  socket.on("step", on.step);
  socket.on("weights", on.weights);
  socket.on("frame", async (frame, acknowledge) => {
    try {
      await on.frame(frame);
      await visible();
    } finally {
      acknowledge?.();
    }
  });
  return socket;
}
