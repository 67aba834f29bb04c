/** The connection to the dashboard: snapshots of one view as they come. */

import { sameView } from "./address.js";

/** @typedef {import("./types.js").Snapshot} Snapshot */
/** @typedef {import("./types.js").View} View */
/** @typedef {import("./types.js").Connection} Connection */

const ANSWER_WITHIN_MS = 5_000;

/** Is `snapshot` newer than `shown`, or of another view? @param {Snapshot} snapshot @param {Snapshot | null} shown */
export const isNewer = (snapshot, shown) =>
  shown === null ||
  !sameView(snapshot.view, shown.view) ||
  snapshot.epoch > shown.epoch ||
  (snapshot.epoch === shown.epoch && snapshot.seq > shown.seq);

export class Feed {
  /**
   * Connect, and stay so. After anything that may have lost an event (a new connection, a tab that was hidden, a page
   * that comes back from the back/forward cache) the newest snapshot is asked for.
   *
   * @param {View} view
   * @param {(snapshot: Snapshot) => void} onSnapshot
   * @param {(connection: Connection) => void} onConnection
   */
  constructor(view, onSnapshot, onConnection) {
    this.view = view;
    this.onSnapshot = onSnapshot;
    this.socket = io({
      transports: ["websocket", "polling"],
      tryAllTransports: true,
      reconnectionDelay: 500,
      reconnectionDelayMax: 5_000,
      timeout: 10_000,
    });
    /** @param {Connection["state"]} state */
    const tell = (state) =>
      onConnection({ state, transport: this.socket.io.engine?.transport.name ?? "", since_ms: Date.now() });
    this.socket.on("snapshot", (/** @type {Snapshot} */ snapshot) => this.#deliver(snapshot));
    this.socket.on("connect", () => {
      tell("connected");
      // The server forgets the view with the connection.
      this.#ask("view", this.view);
    });
    this.socket.on("disconnect", () => tell("lost"));
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.#ask("latest");
    });
    addEventListener("pageshow", (event) => {
      if (!event.persisted) return;
      if (this.socket.connected) this.#ask("latest");
      else this.socket.connect();
    });
  }

  /** Look at something else. @param {View} view */
  turn(view) {
    if (sameView(view, this.view)) return;
    this.view = view;
    this.#ask("view", view);
  }

  /** @param {"latest" | "view"} event @param {View[]} view */
  #ask(event, ...view) {
    if (!this.socket.connected) return;
    this.socket.timeout(ANSWER_WITHIN_MS).emit(event, ...view, (/** @type {unknown} */ error, /** @type {any} */ answer) => {
      // Without an answer the next event, or the next connection, brings it; an answer with `error` says that the
      // server does not know this view.
      if (!error && answer && !answer.error) this.#deliver(answer);
    });
  }

  /** Events of the view of before may still be on their way. @param {Snapshot} snapshot */
  #deliver(snapshot) {
    if (sameView(snapshot.view, this.view)) this.onSnapshot(snapshot);
  }
}
