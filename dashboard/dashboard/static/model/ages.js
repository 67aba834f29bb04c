/** How old something is that another machine tells of. The clocks of two machines are never compared. Pure. */

/** @typedef {import("./page_types.js").Snapshot} Snapshot */

/** Clocks that agree so well are one clock: times stay as they were told. */
const AGREE_MS = 3_000;

/**
 * Ingest's clock now: as it was when the snapshot was made, and the time since then. Ages of posts are told by it alone, for
 * the clocks of two machines can't be compared.
 *
 * @param {Snapshot} s @param {number} age_ms
 */
export function ingestNow({ to_ms, produced_at_ms, health: { ingest, newest_at_ms } }, age_ms) {
  // Both of these are the job's time.
  const away_ms = ingest.reachable ? 0 : Math.max(0, produced_at_ms - ingest.since_ms);
  return Math.max((ingest.watermark_ms ?? to_ms) + away_ms, newest_at_ms ?? 0) + age_ms;
}

/** A time of another machine by this browser's clock. @param {number} at_ms @param {number} ago_ms @param {number} now_ms */
export const here = (at_ms, ago_ms, now_ms) => (Math.abs(now_ms - ago_ms - at_ms) < AGREE_MS ? at_ms : now_ms - ago_ms);

/**
 * The same of a time of ingest.
 *
 * @param {number} at_ms @param {Snapshot} s @param {{age_ms: number, now_ms: number}} known
 */
export const ofIngest = (at_ms, s, { age_ms, now_ms }) => here(at_ms, ingestNow(s, age_ms) - at_ms, now_ms);
