/** The connection to the dashboard: snapshots of one view as they come, and whether the dashboard is heard at all. */

import { DEFAULT_VIEW, sameView } from "../model/address.js";

/** @typedef {import("../model/page_types.js").Snapshot} Snapshot */
/** @typedef {import("../model/types.js").View} View */
/** @typedef {import("../model/page_types.js").Connection} Connection */

const ANSWER_WITHIN_MS = 3_000;
/** After so long without a snapshot the dashboard is asked whether there is one: it may be gone, or the job. */
export const ASK_AFTER_MS = 3_000;
/** By so much the two clocks of this browser differ when it was asleep: only one of them goes on then. */
const SLEPT_MS = 5_000;

/** Is `snapshot` newer than `shown`, or of another view? @param {Snapshot} snapshot @param {Snapshot | null} shown */
export const isNewer = (snapshot, shown) =>
  shown === null ||
  !sameView(snapshot.view, shown.view) ||
  snapshot.epoch > shown.epoch ||
  (snapshot.epoch === shown.epoch && snapshot.seq > shown.seq);

export class Feed {
  /**
   * Connect, and stay so. After anything that may have lost an event (a new connection, a tab that was hidden, a
   * computer that was asleep, a page that comes back from the back/forward cache) the newest snapshot is asked for.
   *
   * @param {View} view
   * @param {{snapshot: (snapshot: Snapshot) => void, connection: (connection: Connection) => void,
   *   refused: (view: View, sentence: string) => void}} on `refused`: the server refuses the view that was asked for;
   *   `view` is the one that it shows
   */
  constructor(view, on) {
    this.view = view;
    this.on = on;
    /** The view of the last snapshot that was shown. */
    this.shown = DEFAULT_VIEW;
    /** When the dashboard said something, and when the newest snapshot came to it, by this browser's monotonic clock. */
    this.heard_ms = -Infinity;
    this.came_ms = -Infinity;
    this.asking = false;
    this.offset_ms = Date.now() - performance.now();
    /** @type {Connection} */
    this.connection = { state: "connecting", transport: "", since_ms: Date.now() };
    this.socket = io({
      transports: ["websocket", "polling"],
      tryAllTransports: true,
      reconnectionDelay: 500,
      reconnectionDelayMax: 5_000,
      timeout: 10_000,
    });
    this.socket.on("snapshot", (/** @type {Snapshot} */ snapshot) => this.#deliver(snapshot));
    this.socket.on("connect", () => {
      this.heard_ms = performance.now();
      this.asking = false;
      this.#tell("connected");
      // The server forgets the view with the connection.
      this.#ask("view", this.view);
    });
    this.socket.on("disconnect", () => this.#tell("lost"));
    this.socket.io.on("reconnect_attempt", () => this.#tell("lost"));
    this.#watchBrowser();
  }

  #watchBrowser() {
    addEventListener("offline", () => this.socket.connected || this.#tell("lost"));
    addEventListener("online", () => this.socket.connected || this.#again());
    document.addEventListener("visibilitychange", () => document.hidden || this.#ask("latest"));
    document.addEventListener("resume", () => this.#ask("latest"));
    addEventListener("pageshow", (event) => {
      if (!event.persisted) return;
      if (this.socket.connected) this.#ask("latest");
      else this.socket.connect();
    });
  }

  /** Time since the newest snapshot came to the dashboard. */
  get age_ms() {
    return performance.now() - this.came_ms;
  }

  /** Did the dashboard say something lately, though no newer snapshot? It is not the connection that is missing then. */
  get answers() {
    const silent_ms = performance.now() - this.heard_ms;
    return this.heard_ms > this.came_ms + ASK_AFTER_MS / 2 && silent_ms < ASK_AFTER_MS + ANSWER_WITHIN_MS + 2_000;
  }

  /** To be called about once a second: is the dashboard there? @param {number} pace_ms time between two snapshots */
  check(pace_ms) {
    const offset_ms = Date.now() - performance.now();
    const slept = offset_ms - this.offset_ms > SLEPT_MS;
    this.offset_ms = offset_ms;
    const silent_ms = performance.now() - this.heard_ms;
    if (!this.asking && (slept || silent_ms > Math.max(ASK_AFTER_MS, 1.5 * pace_ms))) this.#ask("latest");
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
    this.asking = true;
    this.socket.timeout(ANSWER_WITHIN_MS).emit(event, ...view, (/** @type {unknown} */ error, /** @type {any} */ answer) => {
      this.asking = false;
      // A connection on which nothing is answered may be dead for a long time before the browser notices.
      if (error) return this.#again();
      this.heard_ms = performance.now();
      if (answer?.error) this.#turnBack(view[0], answer.error);
      else if (answer) this.#deliver(answer);
    });
  }

  /** The server does not show this view: back to the one that it showed. @param {View} refused @param {string} sentence */
  #turnBack(refused, sentence) {
    if (!sameView(refused, this.view)) return;
    this.turn(sameView(refused, this.shown) ? DEFAULT_VIEW : this.shown);
    this.on.refused(this.view, sentence);
  }

  /** Give this connection up, and try another one at once. */
  #again() {
    if (performance.now() - this.heard_ms < ANSWER_WITHIN_MS) return;
    this.socket.disconnect();
    this.socket.connect();
  }

  /** @param {Connection["state"]} state */
  #tell(state) {
    const shown = state === "lost" && !navigator.onLine ? "offline" : state;
    const was_away = this.connection.state !== "connected";
    const since_ms = was_away && shown !== "connected" ? this.connection.since_ms : Date.now();
    this.connection = { state: shown, transport: this.socket.io.engine?.transport.name ?? "", since_ms };
    this.on.connection(this.connection);
  }

  /** Events of the view before may still be on their way. @param {Snapshot} snapshot */
  #deliver(snapshot) {
    this.heard_ms = performance.now();
    this.came_ms = this.heard_ms - (snapshot.age_ms ?? 0);
    if (!sameView(snapshot.view, this.view)) return;
    this.shown = snapshot.view;
    this.on.snapshot(snapshot);
  }
}
