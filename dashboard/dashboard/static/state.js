/** What to say about the whole pipeline, from what the last snapshot tells and when it came. Pure. */

import { clockMinute, clockTime, duration, posts } from "./format.js";
import { words } from "./words.js";

/** @typedef {import("./types.js").Snapshot} Snapshot */
/** @typedef {import("./types.js").Source} Source */
/** @typedef {import("./types.js").Connection} Connection */

/**
 * `since_ms` is null where the state's beginning is not known. `stale`: what is drawn is no longer kept up to date.
 * The sentence may quote what the server says: see `quotes`.
 * @typedef {{name: string, title: string, sentence: string, since_ms: number | null, stale: boolean}} State
 */

export const STOPPED_AFTER_MS = 10_000;
export const BEHIND_AFTER_MS = 5_000;
export const QUIET_AFTER_MS = 10_000;
export const FIRST_WITHIN_MS = 60_000;

const say = words.state;

/**
 * The worst that is true, nearest to the reader first: a browser that hears nothing can't know the rest.
 *
 * @param {Snapshot | null} snapshot the newest
 * @param {Connection} connection
 * @param {number} now_ms by the server's clock, as `snapshot`'s times are
 * @param {number} pace_ms time between the last two snapshots, 0 if unknown
 * @returns {State}
 */
export function stateOf(snapshot, connection, now_ms, pace_ms = 0) {
  return (
    unconnected(snapshot, connection) ??
    (snapshot === null
      ? state("starting", say.first_batch)
      : (counting(snapshot, now_ms, pace_ms) ?? sources(snapshot) ?? flow(snapshot, now_ms)))
  );
}

/** @param {Snapshot | null} snapshot @param {Connection} connection @returns {State | null} */
function unconnected(snapshot, connection) {
  if (connection.state === "connected") return null;
  if (connection.state === "connecting" && snapshot === null) return state("starting", say.connecting);
  return state("disconnected", say.disconnected(clockTime(connection.since_ms)), connection.since_ms);
}

/** Is there a job that counts? @param {Snapshot} s @param {number} now_ms @param {number} pace_ms @returns {State | null} */
function counting(s, now_ms, pace_ms) {
  const { health, produced_at_ms } = s;
  if (now_ms - produced_at_ms > Math.max(STOPPED_AFTER_MS, 3 * pace_ms)) {
    return state("stopped", say.no_snapshot(clockTime(produced_at_ms)), produced_at_ms);
  }
  if (health.query_error !== null) return state("stopped", say.query_failed(sentence(health.query_error)));
  if (!health.ingest.reachable) {
    const { since_ms, error } = health.ingest;
    const why = error === null ? say.ingest_running : sentence(error);
    return state("ingest-away", say.ingest_away(clockTime(since_ms), why), since_ms);
  }
  return null;
}

/** Do the sources deliver? @param {Snapshot} s @returns {State | null} */
function sources({ health: { ingest, lag_posts, offset } }) {
  const all = ingest.sources;
  const in_state = (/** @type {string[]} */ ...names) => all.find((source) => names.includes(source.state));
  if (all.length === 0 || in_state("live")) return null;
  const troubled = in_state("refused") ?? in_state("retrying");
  if (troubled) return state(troubled.state, trouble(troubled), troubled.since_ms);
  const paused = in_state("paused");
  if (paused) {
    const why = paused.error === null ? "" : sentence(paused.error);
    return state("paused", say.paused(paused.name, resumption(paused), why), paused.since_ms);
  }
  const early = in_state("starting", "waiting");
  if (early) return state("starting", say.not_begun(early.name), early.since_ms);
  if (lag_posts > 0 || !in_state("finished")) return null;
  const why = all.flatMap(({ facts }) => (facts.why_finished ? [sentence(String(facts.why_finished))] : []));
  return state("finished", [say.finished(posts(offset)), ...why].join(" "), all[0].since_ms);
}

/** How do the posts flow? @param {Snapshot} s @param {number} now_ms @returns {State} */
function flow({ health, to_ms }, now_ms) {
  const { newest_at_ms } = health;
  // Spark's first batch takes a few seconds: what waits for it so long is no delay.
  const first = newest_at_ms === null && health.lag_ms < FIRST_WITHIN_MS;
  if (health.lag_ms > BEHIND_AFTER_MS && !first) {
    return state("behind", say.behind(duration(health.lag_ms), posts(health.lag_posts)));
  }
  if (newest_at_ms === null) {
    // Both by the clock of ingest.
    const since_ms = Math.max(...health.ingest.sources.map(({ since_ms }) => since_ms));
    const early = health.lag_posts > 0 || to_ms - since_ms < QUIET_AFTER_MS;
    return early ? state("starting", say.first_posts) : state("quiet", say.no_post);
  }
  if (now_ms - newest_at_ms > QUIET_AFTER_MS) {
    return state("quiet", say.quiet(clockTime(newest_at_ms)), newest_at_ms);
  }
  const live = health.ingest.sources.find((source) => source.state === "live");
  return state("live", say.live, live?.since_ms);
}

const STALE = ["stopped", "disconnected"];

/** @param {string} name @param {string} text @param {number | null} since_ms @returns {State} */
function state(name, text, since_ms = null) {
  return { name, title: say.titles[name], sentence: text, since_ms, stale: STALE.includes(name) };
}

/** What a snapshot says in words of its own, as it is quoted by the sentences of the page. @param {Snapshot | null} s */
export function quotes(s) {
  if (s === null) return [];
  const { query_error, ingest } = s.health;
  const errors = ingest.sources.flatMap(({ error, facts }) => [error, facts.rules_error, facts.why_finished]);
  const said = [query_error, ingest.error, ...errors].flatMap((text) => (text ? [sentence(String(text))] : []));
  return [...said, ...ingest.sources.flatMap(({ malformed }) => Object.keys(malformed))];
}

/** With a full stop at its end. @param {string} text */
export const sentence = (text) => (/[.!?。]$/.test(text.trim()) ? text.trim() : `${text.trim()}.`);

/** What is wrong with a source that is refused or not reached. @param {Source} source */
export function trouble({ name, state, error }) {
  const why = error === null ? "" : sentence(error);
  return state === "refused"
    ? words.strip.refuses(name, why || words.strip.no_reason)
    : words.strip.not_reached(name, why);
}

/** When a source that is paused goes on, as words behind it. @param {Source} source */
export const resumption = ({ until_ms }) => (until_ms === null ? "" : words.strip.resumes(clockMinute(until_ms)));
