/** What to say about the whole pipeline, from what the last snapshot tells and when it came. Pure. */

import { clockMinute, clockTime, count, duration, price, some } from "./format.js";

/** @typedef {import("./types.js").Snapshot} Snapshot */
/** @typedef {import("./types.js").Source} Source */
/** @typedef {import("./types.js").Connection} Connection */

/**
 * `since_ms` is null where the state's beginning does not matter. `stale`: what is drawn is no longer kept up to date.
 * @typedef {{name: string, title: string, sentence: string, since_ms: number | null, stale: boolean}} State
 */

export const STOPPED_AFTER_MS = 10_000;
export const BEHIND_AFTER_MS = 5_000;
export const QUIET_AFTER_MS = 10_000;

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
      ? state("starting", "Waiting for the first micro-batch; Spark takes about ten seconds to start.")
      : counting(snapshot, now_ms, pace_ms) ?? sources(snapshot) ?? flow(snapshot, now_ms))
  );
}

/** @param {Snapshot | null} snapshot @param {Connection} connection @returns {State | null} */
function unconnected(snapshot, connection) {
  if (connection.state === "connected") return null;
  if (connection.state === "connecting" && snapshot === null) return state("starting", "Connecting to the dashboard.");
  const sentence = `This browser lost the dashboard at ${clockTime(connection.since_ms)} and keeps trying to reach it.`;
  return state("disconnected", sentence, connection.since_ms);
}

/** Is there a job that counts? @param {Snapshot} s @param {number} now_ms @param {number} pace_ms @returns {State | null} */
function counting(s, now_ms, pace_ms) {
  const { health, produced_at_ms } = s;
  if (now_ms - produced_at_ms > Math.max(STOPPED_AFTER_MS, 3 * pace_ms)) {
    return state("stopped", `No snapshot since ${clockTime(produced_at_ms)}: look at the Spark job.`, produced_at_ms);
  }
  if (health.query_error !== null) {
    return state("stopped", `The count failed and is being restarted: ${sentence(health.query_error)}`);
  }
  if (!health.ingest.reachable) {
    const { since_ms, error } = health.ingest;
    const why = error === null ? "Is ingest running?" : sentence(error);
    return state("ingest-away", `The job can't reach ingest since ${clockTime(since_ms)}. ${why}`, since_ms);
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
    const why = paused.error === null ? "." : `: ${sentence(paused.error)}`;
    return state("paused", `${paused.name} is paused${resumption(paused)}${why}`, paused.since_ms);
  }
  const early = in_state("starting", "waiting");
  if (early) return state("starting", `Waiting for ${early.name}: the source has not begun.`, early.since_ms);
  if (lag_posts > 0 || !in_state("finished")) return null;
  return state("finished", `The source has ended, and its ${some(offset, "post")} are counted.`, all[0].since_ms);
}

/** How do the posts flow? @param {Snapshot} s @param {number} now_ms @returns {State} */
function flow({ health }, now_ms) {
  if (health.lag_ms > BEHIND_AFTER_MS) {
    const behind = `${duration(health.lag_ms)} behind, ${some(health.lag_posts, "post")} not counted yet.`;
    return state("behind", `Counting is ${behind}`);
  }
  const { newest_at_ms } = health;
  if (newest_at_ms === null) return state("quiet", "Counting runs, and no post has come yet.");
  if (now_ms - newest_at_ms > QUIET_AFTER_MS) {
    return state("quiet", `Counting runs; no post has come since ${clockTime(newest_at_ms)}.`, newest_at_ms);
  }
  return state("live", "Posts are counted as they come.");
}

const TITLES = /** @type {Record<string, string>} */ ({
  starting: "Starting",
  live: "Live",
  quiet: "Quiet",
  behind: "Behind",
  finished: "Finished",
  retrying: "Source lost",
  refused: "Source refused",
  paused: "Source paused",
  "ingest-away": "Ingest away",
  stopped: "Counting stopped",
  disconnected: "Disconnected",
});
const STALE = ["stopped", "disconnected"];

/** @param {string} name @param {string} text @param {number | null} since_ms @returns {State} */
function state(name, text, since_ms = null) {
  return { name, title: TITLES[name], sentence: text, since_ms, stale: STALE.includes(name) };
}

/** With a full stop at its end. @param {string} text */
const sentence = (text) => (/[.!?。]$/.test(text.trim()) ? text.trim() : `${text.trim()}.`);

/** What is wrong with a source that is refused or not reached. @param {Source} source */
function trouble({ name, state, error }) {
  if (state === "refused") return `${name} refuses us: ${error === null ? "It gave no reason." : sentence(error)}`;
  return `${name} is not reached; ingest keeps trying.${error === null ? "" : ` ${sentence(error)}`}`;
}

/** @param {Source} source */
const resumption = ({ until_ms }) => (until_ms === null ? "" : `, resumes at ${clockMinute(until_ms)}`);

/** The source, what it is asked for, and its state where that is not "live". @param {Source} source */
export function sourceFact(source) {
  const { name, terms, languages, state } = source;
  const asked = terms.length ? terms.join(", ") : "everything";
  const fact = languages.length ? `${name}: ${asked} (${languages.join(", ")})` : `${name}: ${asked}`;
  if (state === "live") return fact;
  return `${fact} – ${state}${state === "paused" ? resumption(source) : ""}`;
}

/** Sources that are in trouble beside others; null when there are none. @param {Snapshot} snapshot */
export function troubleFact({ health: { ingest } }) {
  const troubled = ingest.sources.filter(({ state }) => state === "refused" || state === "retrying");
  const parts = ingest.sources.length > 1 ? troubled.map(trouble) : [];
  for (const { name, facts } of ingest.sources) {
    if (facts.rules_error) parts.push(`${name}: ${sentence(String(facts.rules_error))}`);
  }
  return parts.length ? parts.join(" ") : null;
}

/** What is billed today; null when nothing ever is. @param {Snapshot} snapshot */
export function billedFact({ health: { ingest } }) {
  const facts = ingest.sources.find(({ facts }) => "billed_today" in facts)?.facts;
  if (!facts) return null;
  return `${some(Number(facts.billed_today), "post")}, ${price(Number(facts.cost_today_usd))}`;
}

/** @param {Snapshot} snapshot */
export function lagFact({ health: { lag_posts, lag_ms } }) {
  return lag_posts === 0 ? "none" : `${some(lag_posts, "post")}, ${duration(lag_ms)}`;
}

/** Inputs dropped by all sources, with reasons; null when there are none. @param {Snapshot} snapshot */
export function malformedFact({ health }) {
  /** @type {Map<string, number>} */
  const reasons = new Map();
  for (const { malformed } of health.ingest.sources) {
    for (const [reason, dropped] of Object.entries(malformed)) reasons.set(reason, (reasons.get(reason) ?? 0) + dropped);
  }
  const parts = [...reasons].filter(([, dropped]) => dropped > 0).map(([reason, dropped]) => `${count(dropped)} ${reason}`);
  return parts.length ? parts.join(", ") : null;
}
