/** The state of the whole pipeline, from the newest snapshot and its age. Pure. */

import { ingestNow, ingestToLocalTime, toLocalTime } from "./clocks.js";
import { clockTime, duration, posts } from "../i18n/format.js";
import { dropReason, whyNoneAccepted } from "./inputs.js";
import { resumeText, sourceTrouble, withFullStop } from "./server_texts.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("./page_types.js").Snapshot} Snapshot */
/** @typedef {import("./types.js").Source} Source */
/** @typedef {import("./page_types.js").Connection} Connection */
/** @typedef {import("./types.js").Refusal} Refusal */

/**
 * `since_ms`: when the state began, null if unknown. `stale`: the displayed numbers are no longer updated.
 * The sentence may quote the server: see `serverQuotes`.
 * @typedef {{name: string, title: string, sentence: string, since_ms: number | null, stale: boolean}} State
 *
 * What this browser knows besides the snapshot. `now_ms`: its clock. `age_ms`: time since the newest snapshot reached
 * the dashboard. `is_responding`: has the dashboard responded since then? `interval_ms`: time between two snapshots, 0
 * if unknown. `refused`: a push that the dashboard refused since then. `dropped`: inputs dropped since the newest post
 * was counted.
 * @typedef {{now_ms: number, age_ms: number, is_responding: boolean, interval_ms: number, refused: Refusal | null,
 *   dropped: import("./inputs.js").InputCounts}} ClientStatus
 */

export const STOPPED_AFTER_MS = 10_000;
export const BEHIND_AFTER_MS = 5_000;
export const QUIET_AFTER_MS = 10_000;
/** The first count may take this long, because Spark starts. */
export const FIRST_WITHIN_MS = 60_000;
const REFUSED_WITHIN_MS = 15_000;

const texts = words.state;

/**
 * The worst state that holds. The checks go from the browser to the sources: without a connection nothing else is known.
 *
 * @param {Snapshot | null} snapshot the newest @param {Connection} connection @param {ClientStatus} client @returns {State}
 */
export function stateOf(snapshot, connection, client) {
  return (
    connectionState(snapshot, connection) ??
    (snapshot === null
      ? stateBeforeFirstSnapshot(connection, client)
      : (jobState(snapshot, client) ?? sourcesState(snapshot, client) ?? flowState(snapshot, client)))
  );
}

/** @param {Snapshot | null} snapshot @param {Connection} connection @returns {State | null} */
function connectionState(snapshot, { state, since_ms }) {
  if (state === "connected") return null;
  const clock = clockTime(since_ms);
  if (state === "offline") return makeState("disconnected", texts.offline(clock), since_ms);
  if (snapshot !== null) return makeState("disconnected", texts.disconnected(clock), since_ms);
  if (state === "connecting") return makeState("starting", texts.connecting);
  return makeState("disconnected", texts.unreachable, since_ms);
}

/** Before the first snapshot. @param {Connection} connection @param {ClientStatus} client @returns {State} */
function stateBeforeFirstSnapshot({ since_ms }, { now_ms, refused }) {
  if (isRecent(refused)) return makeState("stopped", texts.updates_rejected(withFullStop(refused.error)));
  if (now_ms - since_ms < FIRST_WITHIN_MS) return makeState("starting", texts.first_batch);
  return makeState("stopped", texts.no_first_update(clockTime(since_ms)), since_ms);
}

/** @param {Refusal | null} refused @returns {refused is Refusal} */
const isRecent = (refused) => refused !== null && refused.age_ms < REFUSED_WITHIN_MS;

/**
 * Does the job run, and does it reach ingest?
 *
 * @param {Snapshot} snapshot @param {ClientStatus} client @returns {State | null}
 */
function jobState(snapshot, client) {
  const { health, produced_at_ms } = snapshot;
  const { age_ms, now_ms } = client;
  if (age_ms > Math.max(STOPPED_AFTER_MS, 3 * client.interval_ms)) {
    const since_ms = toLocalTime(produced_at_ms, age_ms, now_ms);
    return stateWithoutSnapshots(clockTime(since_ms), since_ms, client);
  }
  if (health.query_error !== null) return makeState("stopped", texts.counting_failed(withFullStop(health.query_error)));
  if (!health.ingest.reachable) {
    const { since_ms, error } = health.ingest;
    const why = error === null ? texts.ingest_running : withFullStop(error);
    const lost_ms = toLocalTime(since_ms, produced_at_ms - since_ms + age_ms, now_ms);
    return makeState("ingest-away", texts.ingest_unreachable(clockTime(lost_ms), why), lost_ms);
  }
  return null;
}

/**
 * No snapshot comes: is it the connection, a refused push, or the job?
 *
 * @param {string} clock @param {number} since_ms @param {ClientStatus} client @returns {State}
 */
function stateWithoutSnapshots(clock, since_ms, { is_responding, refused }) {
  if (!is_responding) return makeState("disconnected", texts.nothing_received(clock), since_ms);
  if (isRecent(refused)) return makeState("stopped", texts.updates_rejected_since(clock, withFullStop(refused.error)), since_ms);
  return makeState("stopped", texts.no_update(clock), since_ms);
}

/** Do the sources deliver? @param {Snapshot} snapshot @param {ClientStatus} client @returns {State | null} */
function sourcesState(snapshot, client) {
  const { ingest, lag_posts, offset } = snapshot.health;
  const { sources } = ingest;
  const in_state = (/** @type {string[]} */ ...names) => sources.find((source) => names.includes(source.state));
  if (sources.length === 0 || in_state("live")) return null;
  const since_of = (/** @type {Source} */ source) => ingestToLocalTime(source.since_ms, snapshot, client);
  const troubled = in_state("refused") ?? in_state("retrying");
  if (troubled) return makeState(troubled.state, sourceTrouble(troubled), since_of(troubled));
  const paused = in_state("paused");
  if (paused) {
    const why = paused.error === null ? "" : withFullStop(paused.error);
    return makeState("paused", texts.paused(paused.name, resumeText(paused), why), since_of(paused));
  }
  const not_begun = in_state("starting", "waiting");
  if (not_begun) return makeState("starting", texts.not_started(not_begun.name), since_of(not_begun));
  if (lag_posts > 0 || !in_state("finished")) return null;
  return makeState("finished", finishedSentence(sources, offset), since_of(sources[0]));
}

/** @param {Source[]} sources @param {number} counted posts */
function finishedSentence(sources, counted) {
  const none_accepted = whyNoneAccepted(sources);
  const reasons = sources.flatMap(({ facts }) => (facts.why_finished ? [withFullStop(String(facts.why_finished))] : []));
  const first = none_accepted === null ? texts.finished(posts(counted)) : texts.finished_with_none(none_accepted);
  return [first, ...reasons].join(" ");
}

/** Do posts come, and is counting up to date? @param {Snapshot} snapshot @param {ClientStatus} client @returns {State} */
function flowState(snapshot, client) {
  const { health } = snapshot;
  const { newest_at_ms, ingest } = health;
  // The first micro-batch takes a few seconds while Spark starts: that is no delay.
  const starting = newest_at_ms === null && health.lag_ms < FIRST_WITHIN_MS;
  if (health.lag_ms > BEHIND_AFTER_MS && !starting) {
    return makeState("behind", texts.behind(duration(health.lag_ms), posts(health.lag_posts)));
  }
  if (newest_at_ms === null) return stateBeforeFirstPost(snapshot);
  if (ingestNow(snapshot, client.age_ms) - newest_at_ms > QUIET_AFTER_MS) {
    const since_ms = ingestToLocalTime(newest_at_ms, snapshot, client);
    return makeState("quiet", quietSentence(clockTime(since_ms), ingest.sources, client.dropped), since_ms);
  }
  const live = ingest.sources.find((source) => source.state === "live");
  return makeState("live", texts.live, live ? ingestToLocalTime(live.since_ms, snapshot, client) : null);
}

/** No post is counted yet: does any post come? @param {Snapshot} snapshot @returns {State} */
function stateBeforeFirstPost({ to_ms, health: { ingest, lag_posts } }) {
  const none_accepted = lag_posts > 0 ? null : whyNoneAccepted(ingest.sources);
  if (none_accepted !== null) return makeState("quiet", texts.none_accepted(none_accepted));
  // Both times are of ingest's clock.
  const since_ms = Math.max(...ingest.sources.map((source) => source.since_ms));
  if (lag_posts > 0 || to_ms - since_ms < QUIET_AFTER_MS) return makeState("starting", texts.first_posts);
  return makeState("quiet", ingest.sources.some(({ accepted }) => accepted > 0) ? texts.not_counted_yet : texts.no_post);
}

/** @param {string} clock @param {Source[]} sources @param {import("./inputs.js").InputCounts} dropped */
function quietSentence(clock, sources, dropped) {
  const reason = dropReason(sources, dropped);
  if (reason !== null) return texts.quiet_because(clock, reason);
  const hasDropped = (/** @type {Source} */ { filtered, duplicate, malformed }) =>
    filtered > 0 || duplicate > 0 || Object.keys(malformed).length > 0;
  return sources.some(hasDropped) ? texts.none_counted(clock) : texts.quiet(clock);
}

const STALE_STATES = ["stopped", "disconnected"];

/** @param {string} name @param {string} text @param {number | null} since_ms @returns {State} */
function makeState(name, text, since_ms = null) {
  return { name, title: texts.titles[name], sentence: text, since_ms, stale: STALE_STATES.includes(name) };
}
