/** Counts of the sources' inputs: accepted, or dropped and why. Pure. */

import { count, list, posts } from "../i18n/format.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("./types.js").Source} Source */
/** @typedef {{accepted: number, filtered: number, duplicate: number, malformed: number}} InputCounts */

/** @type {InputCounts} */
export const NO_INPUTS = { accepted: 0, filtered: 0, duplicate: 0, malformed: 0 };

const texts = words.inputs;

/** The sums over all sources. @param {Source[]} sources @returns {InputCounts} */
export function inputsOf(sources) {
  const sum = (/** @type {(source: Source) => number} */ of) => sources.reduce((all, source) => all + of(source), 0);
  return {
    accepted: sum(({ accepted }) => accepted),
    filtered: sum(({ filtered }) => filtered),
    duplicate: sum(({ duplicate }) => duplicate),
    malformed: sum(({ malformed }) => malformedOf(malformed)),
  };
}

/** @param {Record<string, number>} malformed by reason */
const malformedOf = (malformed) => Object.values(malformed).reduce((all, some) => all + some, 0);

/**
 * Why no post is accepted although posts come, as one sentence; null if a post was accepted, or none came.
 *
 * @param {Source[]} sources
 */
export function whyNoneAccepted(sources) {
  const inputs = inputsOf(sources);
  return inputs.accepted > 0 ? null : dropReason(sources, inputs);
}

/**
 * What was dropped, as one sentence; null for nothing.
 *
 * @param {Source[]} sources @param {InputCounts} dropped
 */
export function dropReason(sources, { filtered, duplicate, malformed }) {
  const all = filtered + duplicate + malformed;
  if (all === 0) return null;
  if (filtered === all) return texts.all_filtered(posts(all), filterOf(sources));
  if (duplicate === all) return texts.all_duplicate(posts(all));
  if (malformed === all) return texts.all_malformed(posts(all), reasonsOf(sources));
  const parts = [];
  if (filtered) parts.push(texts.filtered_by(count(filtered), filterOf(sources)));
  if (duplicate) parts.push(texts.duplicate(count(duplicate)));
  if (malformed) parts.push(texts.malformed(count(malformed)));
  return texts.none_of(posts(all), list(parts));
}

/** The search terms and languages of the sources that filter. @param {Source[]} sources */
function filterOf(sources) {
  const filtering = sources.filter(({ filtered }) => filtered > 0);
  const unique = (/** @type {(source: Source) => string[]} */ of) => [...new Set(filtering.flatMap(of))].join(", ");
  const terms = unique((source) => source.terms);
  const languages = unique((source) => source.languages);
  return [terms && texts.terms(terms), languages && texts.languages(languages)].filter(Boolean).join("; ");
}

/** @param {Source[]} sources */
const reasonsOf = (sources) => [...new Set(sources.flatMap(({ malformed }) => Object.keys(malformed)))].join(", ");

/** The counts of a source's inputs, for the strip. @param {Source} source */
export function inputsFact({ name, accepted, filtered, duplicate, malformed }) {
  const parts = [texts.accepted(count(accepted)), texts.filtered(count(filtered))];
  if (duplicate) parts.push(texts.duplicate(count(duplicate)));
  const wrong = malformedOf(malformed);
  if (wrong) parts.push(texts.malformed(count(wrong)));
  return words.strip.named(name, parts.join(", "));
}

/** Counts the inputs that were dropped since the newest post was counted. */
export class DroppedInputs {
  constructor() {
    /** @type {number | null | undefined} */
    this.newest_at_ms = undefined;
    /** The counts when the newest post was counted. */
    this.start = NO_INPUTS;
    /** What was dropped since then. */
    this.since_start = NO_INPUTS;
  }

  /** @param {import("./page_types.js").Snapshot} snapshot */
  update({ health: { newest_at_ms, ingest } }) {
    const now = inputsOf(ingest.sources);
    // A new session of a source counts from zero.
    const fewer = /** @type {const} */ (["filtered", "duplicate", "malformed"]).some((name) => now[name] < this.start[name]);
    if (newest_at_ms !== this.newest_at_ms || fewer) {
      this.newest_at_ms = newest_at_ms;
      this.start = now;
    }
    const { start } = this;
    this.since_start = {
      accepted: 0,
      filtered: now.filtered - start.filtered,
      duplicate: now.duplicate - start.duplicate,
      malformed: now.malformed - start.malformed,
    };
  }
}
