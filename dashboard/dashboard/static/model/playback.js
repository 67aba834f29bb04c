/** Which snapshot the page displays: the newest, or a frozen one while newer ones arrive. Pure. */

/** @typedef {import("./page_types.js").Snapshot} Snapshot */
/** @typedef {import("./page_types.js").PastSnapshot} PastSnapshot */

const MAX_INTERVALS = 3;

export class Playback {
  constructor() {
    /** @type {Snapshot | null} */
    this.newest = null;
    /** @type {Snapshot | PastSnapshot | null} */
    this.frozen = null;
    /** Snapshots that arrived since the page was frozen. */
    this.newer_count = 0;
    /** Times between the last snapshots. @type {number[]} */
    this.intervals_ms = [];
  }

  /** @returns {Snapshot | PastSnapshot | null} */
  get displayed() {
    return this.frozen ?? this.newest;
  }

  /**
   * Time between two snapshots, 0 if unknown: the shortest, since some are missed, for example while this computer
   * sleeps.
   */
  get interval_ms() {
    return this.intervals_ms.length ? Math.min(...this.intervals_ms) : 0;
  }

  /** @returns {"live" | "paused" | "past"} */
  get mode() {
    if (this.frozen === null) return "live";
    return this.frozen.health === null ? "past" : "paused";
  }

  /** Store a newer snapshot. @param {Snapshot} snapshot */
  receive(snapshot) {
    if (this.newest !== null && snapshot.produced_at_ms > this.newest.produced_at_ms) {
      const interval_ms = snapshot.produced_at_ms - this.newest.produced_at_ms;
      this.intervals_ms = [...this.intervals_ms, interval_ms].slice(-MAX_INTERVALS);
    }
    this.newest = snapshot;
    if (this.frozen !== null) this.newer_count += 1;
  }

  /** Display this snapshot until `goLive`. @param {Snapshot | PastSnapshot} snapshot */
  freeze(snapshot) {
    if (this.frozen === null) this.newer_count = 0;
    this.frozen = snapshot;
  }

  /** Display the newest snapshot again. */
  goLive() {
    this.frozen = null;
    this.newer_count = 0;
  }
}
