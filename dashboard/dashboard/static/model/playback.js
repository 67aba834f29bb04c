/** Which snapshot is shown: the newest, or one that is held while newer ones come. Pure. */

/** @typedef {import("./page_types.js").Snapshot} Snapshot */
/** @typedef {import("./page_types.js").PastSnapshot} PastSnapshot */

const PACES = 3;

export class Playback {
  constructor() {
    /** @type {Snapshot | null} */
    this.newest = null;
    /** @type {Snapshot | PastSnapshot | null} */
    this.held = null;
    /** Snapshots that came while another one is held. */
    this.waiting = 0;
    /** Times between the last snapshots. @type {number[]} */
    this.paces = [];
  }

  /** @returns {Snapshot | PastSnapshot | null} */
  get shown() {
    return this.held ?? this.newest;
  }

  /** Time between two snapshots, 0 if unknown: the shortest, for some are missed, as while this computer is asleep. */
  get pace_ms() {
    return this.paces.length ? Math.min(...this.paces) : 0;
  }

  /** @returns {"live" | "paused" | "past"} */
  get mode() {
    if (this.held === null) return "live";
    return this.held.health === null ? "past" : "paused";
  }

  /** A newer one has come. @param {Snapshot} snapshot */
  take(snapshot) {
    if (this.newest !== null && snapshot.produced_at_ms > this.newest.produced_at_ms) {
      this.paces = [...this.paces, snapshot.produced_at_ms - this.newest.produced_at_ms].slice(-PACES);
    }
    this.newest = snapshot;
    if (this.held !== null) this.waiting += 1;
  }

  /** Show this one until `release`. @param {Snapshot | PastSnapshot} snapshot */
  hold(snapshot) {
    if (this.held === null) this.waiting = 0;
    this.held = snapshot;
  }

  /** Back to live. */
  release() {
    this.held = null;
    this.waiting = 0;
  }
}
