/** The connection to the dashboard: snapshots as they come, newest only. */

/** @typedef {import("./types.js").Snapshot} Snapshot */
/** @typedef {import("./types.js").Connection} Connection */

const ANSWER_WITHIN_MS = 5_000;

/** Is `snapshot` newer than `shown`? @param {Snapshot} snapshot @param {Snapshot | null} shown */
export const isNewer = (snapshot, shown) =>
  shown === null || snapshot.epoch > shown.epoch || (snapshot.epoch === shown.epoch && snapshot.seq > shown.seq);

/**
 * Connect, and stay so. After anything that may have lost an event (a new connection, a tab that was hidden, a page
 * that comes back from the back/forward cache) the newest snapshot is asked for.
 *
 * @param {(snapshot: Snapshot) => void} onSnapshot
 * @param {(connection: Connection) => void} onConnection
 */
export function connect(onSnapshot, onConnection) {
  const socket = io({
    transports: ["websocket", "polling"],
    tryAllTransports: true,
    reconnectionDelay: 500,
    reconnectionDelayMax: 5_000,
    timeout: 10_000,
  });
  const ask = () => {
    if (!socket.connected) return;
    socket.timeout(ANSWER_WITHIN_MS).emit("latest", (/** @type {Error | null} */ error, /** @type {Snapshot} */ newest) => {
      // Without an answer the next event, or the next connection, brings it.
      if (!error && newest) onSnapshot(newest);
    });
  };
  /** @param {Connection["state"]} state */
  const tell = (state) =>
    onConnection({ state, transport: socket.io.engine?.transport.name ?? "", since_ms: Date.now() });

  socket.on("snapshot", onSnapshot);
  socket.on("connect", () => {
    tell("connected");
    ask();
  });
  socket.on("disconnect", () => tell("lost"));
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) ask();
  });
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    if (socket.connected) ask();
    else socket.connect();
  });
}
