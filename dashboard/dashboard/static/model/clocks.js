/** Times of other machines, as times and ages of this browser. Clocks of two machines are never compared. Pure. */

/** @typedef {import("./page_types.js").Snapshot} Snapshot */

/** Below this difference two clocks count as one clock, and times are displayed unchanged. */
const SAME_CLOCK_MS = 3_000;

/**
 * The current time by ingest's clock: its time when the snapshot was made, and the time since then. Ages of posts are
 * computed from this clock only.
 *
 * @param {Snapshot} snapshot @param {number} age_ms
 */
export function ingestNow({ to_ms, produced_at_ms, health: { ingest, newest_at_ms } }, age_ms) {
  // Both of these are times of the job's clock.
  const unreachable_ms = ingest.reachable ? 0 : Math.max(0, produced_at_ms - ingest.since_ms);
  return Math.max((ingest.watermark_ms ?? to_ms) + unreachable_ms, newest_at_ms ?? 0) + age_ms;
}

/** A time of another machine by this browser's clock. @param {number} at_ms @param {number} ago_ms @param {number} now_ms */
export const toLocalTime = (at_ms, ago_ms, now_ms) =>
  Math.abs(now_ms - ago_ms - at_ms) < SAME_CLOCK_MS ? at_ms : now_ms - ago_ms;

/**
 * A time of ingest by this browser's clock.
 *
 * @param {number} at_ms @param {Snapshot} snapshot @param {{age_ms: number, now_ms: number}} client
 */
export const ingestToLocalTime = (at_ms, snapshot, { age_ms, now_ms }) =>
  toLocalTime(at_ms, ingestNow(snapshot, age_ms) - at_ms, now_ms);
