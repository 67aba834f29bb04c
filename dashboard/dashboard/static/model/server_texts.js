/** Sentences with texts of the server, such as the error of a source. Pure. */

import { clockMinute } from "../i18n/format.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("./page_types.js").Snapshot} Snapshot */
/** @typedef {import("./types.js").Source} Source */
/** @typedef {import("./types.js").Refusal} Refusal */

/**
 * The server's own texts, as the page quotes them.
 *
 * @param {Snapshot | null} snapshot @param {Refusal | null} [refused]
 */
export function serverQuotes(snapshot, refused = null) {
  const quotes = refused === null ? [] : [withFullStop(refused.error)];
  if (snapshot === null) return quotes;
  const { query_error, ingest, relay, archive } = snapshot.health;
  const of_sources = ingest.sources.flatMap(({ error, facts }) => [error, facts.rules_error, facts.why_finished]);
  const of_files = [ingest.track_error, snapshot.muted?.error, snapshot.alerts?.error];
  const errors = [query_error, ingest.error, relay, archive, ...of_files, ...of_sources];
  quotes.push(...errors.flatMap((text) => (text ? [withFullStop(String(text))] : [])));
  return [...quotes, ...ingest.sources.flatMap(({ malformed }) => Object.keys(malformed))];
}

/** The text with a full stop at its end. @param {string} text */
export const withFullStop = (text) => (/[.!?。]$/.test(text.trim()) ? text.trim() : `${text.trim()}.`);

/** What is wrong with a source that is refused or can't be reached, as a sentence. @param {Source} source */
export function sourceTrouble({ name, state, error }) {
  const why = error === null ? "" : withFullStop(error);
  return state === "refused"
    ? words.strip.rejected(name, why || words.strip.no_reason)
    : words.strip.unreachable(name, why);
}

/** When a paused source resumes, as text behind the word "paused". @param {Source} source */
export const resumeText = ({ until_ms }) => (until_ms === null ? "" : words.strip.until(clockMinute(until_ms)));
