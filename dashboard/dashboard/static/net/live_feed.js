/**
 * The Socket.IO connection to the dashboard: receives the snapshots of one view, and knows whether the dashboard
 * responds.
 */

import { DEFAULT_VIEW, sameView } from "../model/address.js";

/** @typedef {import("../model/page_types.js").Snapshot} Snapshot */
/** @typedef {import("../model/types.js").View} View */
/** @typedef {import("../model/page_types.js").Connection} Connection */

const REQUEST_TIMEOUT_MS = 3_000;
/** After this time without a snapshot, request the latest one: either the dashboard or the job may be gone. */
export const REQUEST_AFTER_MS = 3_000;
/** The wall clock goes on while the computer sleeps, the monotonic clock does not: this difference means that it slept. */
const SLEPT_MS = 5_000;

/**
 * Is `snapshot` newer than `current`, or of another view?
 *
 * @param {Snapshot} snapshot @param {Snapshot | null} current
 */
export const isNewer = (snapshot, current) =>
  current === null ||
  !sameView(snapshot.view, current.view) ||
  snapshot.epoch > current.epoch ||
  (snapshot.epoch === current.epoch && snapshot.seq > current.seq);

export class LiveFeed {
  /**
   * Connect, and reconnect when the connection is lost. After everything that may have lost an event (a new connection, a
   * tab that was hidden, a computer that slept, a page from the back/forward cache) the latest snapshot is requested.
   *
   * @param {View} view
   * @param {{onSnapshot: (snapshot: Snapshot) => void, onConnection: (connection: Connection) => void,
   *   onViewRefused: (view: View, error: string) => void,
   *   onAlert: (alert: import("../model/types.js").ShownAlert) => void}} handlers `onViewRefused`: the server refuses
   *   the requested view; `view` is the one that the feed returned to
   */
  constructor(view, handlers) {
    this.view = view;
    /** Request more tags than are shown, because the viewer hides some? */
    this.reserve = false;
    this.handlers = handlers;
    /** The view of the last snapshot. */
    this.received_view = DEFAULT_VIEW;
    /**
     * By the monotonic clock: when the connection was made, when the last message came, and when the latest snapshot
     * reached the dashboard.
     */
    this.connected_at_ms = -Infinity;
    this.last_message_ms = -Infinity;
    this.snapshot_at_ms = -Infinity;
    this.request_pending = false;
    this.clock_offset_ms = Date.now() - performance.now();
    /** @type {Connection} */
    this.connection = { state: "connecting", transport: "", since_ms: Date.now() };
    this.socket = io({
      transports: ["websocket", "polling"],
      tryAllTransports: true,
      reconnectionDelay: 500,
      reconnectionDelayMax: 5_000,
      timeout: 10_000,
    });
    this.socket.on("snapshot", (/** @type {Snapshot} */ snapshot) => this.#onSnapshot(snapshot));
    this.socket.on("alert", handlers.onAlert);
    this.socket.on("connect", () => this.#onConnect());
    this.socket.on("disconnect", () => this.#setState("lost"));
    this.socket.io.on("reconnect_attempt", () => this.#setState("lost"));
    this.#watchBrowser();
  }

  #watchBrowser() {
    addEventListener("offline", () => this.socket.connected || this.#setState("lost"));
    addEventListener("online", () => this.socket.connected || this.#reconnect());
    document.addEventListener("visibilitychange", () => document.hidden || this.#request("latest"));
    document.addEventListener("resume", () => this.#request("latest"));
    addEventListener("pageshow", (event) => {
      if (!event.persisted) return;
      if (this.socket.connected) this.#request("latest");
      else this.socket.connect();
    });
  }

  /** Time since the latest snapshot reached the dashboard. */
  get age_ms() {
    return performance.now() - this.snapshot_at_ms;
  }

  /** Does the dashboard respond, but without a newer snapshot? Then the connection is not the problem. */
  get is_responding() {
    return (
      this.last_message_ms > this.snapshot_at_ms + REQUEST_AFTER_MS / 2 &&
      performance.now() - this.last_message_ms < REQUEST_AFTER_MS + REQUEST_TIMEOUT_MS + 2_000
    );
  }

  /** Time since the last message, or since the connection was made if none has come after it. */
  get #silent_ms() {
    return performance.now() - Math.max(this.connected_at_ms, this.last_message_ms);
  }

  /** Check that the dashboard still responds. Call it about once a second. @param {number} interval_ms between snapshots */
  check(interval_ms) {
    const clock_offset_ms = Date.now() - performance.now();
    const slept = clock_offset_ms - this.clock_offset_ms > SLEPT_MS;
    this.clock_offset_ms = clock_offset_ms;
    const overdue = this.#silent_ms > Math.max(REQUEST_AFTER_MS, 1.5 * interval_ms);
    if (!this.request_pending && (slept || overdue)) this.#request("latest");
  }

  /** Request another view. @param {View} view */
  setView(view) {
    if (sameView(view, this.view)) return;
    this.view = view;
    this.#requestView();
  }

  /** Request more tags than are shown, or not. @param {boolean} reserve does the viewer hide tags? */
  setReserve(reserve) {
    if (reserve === this.reserve) return;
    this.reserve = reserve;
    this.#requestView();
  }

  #requestView() {
    this.#request("view", this.reserve ? { ...this.view, reserve: true } : this.view);
  }

  /** @param {"latest" | "view"} event @param {View[]} view */
  #request(event, ...view) {
    if (!this.socket.connected) return;
    this.request_pending = true;
    const onResponse = (/** @type {unknown} */ error, /** @type {any} */ response) => {
      this.request_pending = false;
      // A connection without responses may be dead for a long time before the browser notices.
      if (error) return this.#reconnect();
      this.last_message_ms = performance.now();
      if (response?.error) this.#onViewRefused(view[0], response.error);
      else if (response) this.#onSnapshot(response);
    };
    this.socket.timeout(REQUEST_TIMEOUT_MS).emit(event, ...view, onResponse);
  }

  #onConnect() {
    this.connected_at_ms = performance.now();
    this.request_pending = false;
    this.#setState("connected");
    // The server forgets the view when the connection ends.
    this.#requestView();
  }

  /** Return to the view that the server sent before. @param {View} refused @param {string} error */
  #onViewRefused(refused, error) {
    if (!sameView(refused, this.view)) return;
    this.setView(sameView(refused, this.received_view) ? DEFAULT_VIEW : this.received_view);
    this.handlers.onViewRefused(this.view, error);
  }

  /** Close this connection and open another one at once. */
  #reconnect() {
    if (this.#silent_ms < REQUEST_TIMEOUT_MS) return;
    this.socket.disconnect();
    this.socket.connect();
  }

  /** @param {Connection["state"]} new_state */
  #setState(new_state) {
    const state = new_state === "lost" && !navigator.onLine ? "offline" : new_state;
    const was_connected = this.connection.state === "connected";
    const since_ms = !was_connected && state !== "connected" ? this.connection.since_ms : Date.now();
    this.connection = { state, transport: this.socket.io.engine?.transport.name ?? "", since_ms };
    this.handlers.onConnection(this.connection);
  }

  /** @param {Snapshot} snapshot */
  #onSnapshot(snapshot) {
    this.last_message_ms = performance.now();
    this.snapshot_at_ms = this.last_message_ms - (snapshot.age_ms ?? 0);
    // Events of the previous view may still arrive.
    if (!sameView(snapshot.view, this.view)) return;
    this.received_view = snapshot.view;
    this.handlers.onSnapshot(snapshot);
  }
}
