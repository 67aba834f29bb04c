/** What to say about the whole pipeline, from what the last snapshot tells and when it came. Pure. */

import { here, ingestNow, ofIngest } from "./ages.js";
import { clockMinute, clockTime, duration, posts } from "../i18n/format.js";
import { none, since } from "./inputs.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("./page_types.js").Snapshot} Snapshot */
/** @typedef {import("./types.js").Source} Source */
/** @typedef {import("./page_types.js").Connection} Connection */
/** @typedef {import("./types.js").Refusal} Refusal */

/**
 * `since_ms` is null where the state's beginning is not known. `stale`: what is drawn is no longer kept up to date.
 * The sentence may quote what the server says: see `quotes`.
 * @typedef {{name: string, title: string, sentence: string, since_ms: number | null, stale: boolean}} State
 *
 * What this browser knows of its own. `now_ms`: its clock. `age_ms`: time since the newest snapshot came to the dashboard.
 * `answers`: whether the dashboard was heard since then. `pace_ms`: time between the last two snapshots, 0 if unknown.
 * `refused`: a push that the dashboard refused since then. `dropped`: inputs dropped since the newest post was counted.
 * @typedef {{now_ms: number, age_ms: number, answers: boolean, pace_ms: number, refused: Refusal | null,
 *   dropped: import("./inputs.js").Inputs}} Known
 */

export const STOPPED_AFTER_MS = 10_000;
export const BEHIND_AFTER_MS = 5_000;
export const QUIET_AFTER_MS = 10_000;
/** So long may the first count take while Spark starts. */
export const FIRST_WITHIN_MS = 60_000;
const REFUSED_WITHIN_MS = 15_000;

const say = words.state;

/**
 * The worst that is true, nearest to the reader first: a browser that hears nothing can't know the rest.
 *
 * @param {Snapshot | null} snapshot the newest @param {Connection} connection @param {Known} known @returns {State}
 */
export function stateOf(snapshot, connection, known) {
  return (
    unconnected(snapshot, connection) ??
    (snapshot === null
      ? begun(connection, known)
      : (counting(snapshot, known) ?? sources(snapshot, known) ?? flow(snapshot, known)))
  );
}

/** @param {Snapshot | null} snapshot @param {Connection} connection @returns {State | null} */
function unconnected(snapshot, { state: is, since_ms }) {
  if (is === "connected") return null;
  const clock = clockTime(since_ms);
  if (is === "offline") return state("disconnected", say.offline(clock), since_ms);
  if (snapshot === null) return is === "connecting" ? state("starting", say.connecting) : state("disconnected", say.unreached, since_ms);
  return state("disconnected", say.disconnected(clock), since_ms);
}

/** Before the first snapshot. @param {Connection} connection @param {Known} known @returns {State} */
function begun({ since_ms }, { now_ms, refused }) {
  if (isRecent(refused)) return state("stopped", say.pushes_refused(sentence(refused.error)));
  if (now_ms - since_ms < FIRST_WITHIN_MS) return state("starting", say.first_batch);
  return state("stopped", say.never(clockTime(since_ms)), since_ms);
}

/** @param {Refusal | null} refused @returns {refused is Refusal} */
const isRecent = (refused) => refused !== null && refused.age_ms < REFUSED_WITHIN_MS;

/** Is there a job that counts? @param {Snapshot} s @param {Known} known @returns {State | null} */
function counting(s, known) {
  const { health, produced_at_ms } = s;
  const { age_ms, now_ms } = known;
  if (age_ms > Math.max(STOPPED_AFTER_MS, 3 * known.pace_ms)) {
    const since_ms = here(produced_at_ms, age_ms, now_ms);
    return silent(clockTime(since_ms), since_ms, known);
  }
  if (health.query_error !== null) return state("stopped", say.query_failed(sentence(health.query_error)));
  if (!health.ingest.reachable) {
    const { since_ms, error } = health.ingest;
    const why = error === null ? say.ingest_running : sentence(error);
    const lost_ms = here(since_ms, produced_at_ms - since_ms + age_ms, now_ms);
    return state("ingest-away", say.ingest_away(clockTime(lost_ms), why), lost_ms);
  }
  return null;
}

/** No snapshot comes: who says so? @param {string} clock @param {number} since_ms @param {Known} known @returns {State} */
function silent(clock, since_ms, { answers, refused }) {
  if (!answers) return state("disconnected", say.unheard(clock), since_ms);
  if (isRecent(refused)) return state("stopped", say.refused_since(clock, sentence(refused.error)), since_ms);
  return state("stopped", say.no_snapshot(clock), since_ms);
}

/** Do the sources deliver? @param {Snapshot} s @param {Known} known @returns {State | null} */
function sources(s, known) {
  const { ingest, lag_posts, offset } = s.health;
  const all = ingest.sources;
  const in_state = (/** @type {string[]} */ ...names) => all.find((source) => names.includes(source.state));
  if (all.length === 0 || in_state("live")) return null;
  const since_of = (/** @type {Source} */ source) => ofIngest(source.since_ms, s, known);
  const troubled = in_state("refused") ?? in_state("retrying");
  if (troubled) return state(troubled.state, trouble(troubled), since_of(troubled));
  const paused = in_state("paused");
  if (paused) {
    const why = paused.error === null ? "" : sentence(paused.error);
    return state("paused", say.paused(paused.name, resumption(paused), why), since_of(paused));
  }
  const early = in_state("starting", "waiting");
  if (early) return state("starting", say.not_begun(early.name), since_of(early));
  if (lag_posts > 0 || !in_state("finished")) return null;
  return state("finished", finished(all, offset), since_of(all[0]));
}

/** @param {Source[]} all @param {number} counted posts */
function finished(all, counted) {
  const nothing = none(all);
  const why = all.flatMap(({ facts }) => (facts.why_finished ? [sentence(String(facts.why_finished))] : []));
  return [nothing === null ? say.finished(posts(counted)) : say.finished_with_none(nothing), ...why].join(" ");
}

/** How do the posts flow? @param {Snapshot} s @param {Known} known @returns {State} */
function flow(s, known) {
  const { health } = s;
  const { newest_at_ms, ingest } = health;
  // Spark's first batch takes a few seconds: what waits for it so long is no delay.
  const first = newest_at_ms === null && health.lag_ms < FIRST_WITHIN_MS;
  if (health.lag_ms > BEHIND_AFTER_MS && !first) {
    return state("behind", say.behind(duration(health.lag_ms), posts(health.lag_posts)));
  }
  if (newest_at_ms === null) return noneCounted(s);
  if (ingestNow(s, known.age_ms) - newest_at_ms > QUIET_AFTER_MS) {
    const since_ms = ofIngest(newest_at_ms, s, known);
    return state("quiet", quiet(clockTime(since_ms), ingest.sources, known.dropped), since_ms);
  }
  const live = ingest.sources.find((source) => source.state === "live");
  return state("live", say.live, live ? ofIngest(live.since_ms, s, known) : null);
}

/** No post is counted yet: do any come? @param {Snapshot} s @returns {State} */
function noneCounted({ to_ms, health: { ingest, lag_posts } }) {
  const nothing = lag_posts > 0 ? null : none(ingest.sources);
  if (nothing !== null) return state("quiet", say.none_through(nothing));
  // Both by the clock of ingest.
  const since_ms = Math.max(...ingest.sources.map((source) => source.since_ms));
  if (lag_posts > 0 || to_ms - since_ms < QUIET_AFTER_MS) return state("starting", say.first_posts);
  return state("quiet", ingest.sources.some(({ accepted }) => accepted > 0) ? say.not_counted_yet : say.no_post);
}

/** @param {string} clock @param {Source[]} all @param {import("./inputs.js").Inputs} dropped */
function quiet(clock, all, dropped) {
  const others = since(all, dropped);
  if (others !== null) return say.quiet_but(clock, others);
  const ever = all.some(({ filtered, duplicate, malformed }) => filtered || duplicate || Object.keys(malformed).length);
  return ever ? say.none_counted(clock) : say.quiet(clock);
}

const STALE = ["stopped", "disconnected"];

/** @param {string} name @param {string} text @param {number | null} since_ms @returns {State} */
function state(name, text, since_ms = null) {
  return { name, title: say.titles[name], sentence: text, since_ms, stale: STALE.includes(name) };
}

/**
 * What the server says in words of its own, as it is quoted by the page.
 *
 * @param {Snapshot | null} s @param {Refusal | null} [refused]
 */
export function quotes(s, refused = null) {
  const said = refused === null ? [] : [sentence(refused.error)];
  if (s === null) return said;
  const { query_error, ingest, relay } = s.health;
  const errors = ingest.sources.flatMap(({ error, facts }) => [error, facts.rules_error, facts.why_finished]);
  const all = [query_error, ingest.error, relay, ingest.track_error, ...errors];
  said.push(...all.flatMap((text) => (text ? [sentence(String(text))] : [])));
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
