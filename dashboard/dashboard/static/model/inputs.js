/** What became of the inputs of the sources: accepted, or dropped and why. Pure. */

import { count, list, posts } from "../i18n/format.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("./types.js").Source} Source */
/** @typedef {{accepted: number, filtered: number, duplicate: number, malformed: number}} Inputs */

/** @type {Inputs} */
export const NOTHING = { accepted: 0, filtered: 0, duplicate: 0, malformed: 0 };

const say = words.inputs;

/** Of all sources together. @param {Source[]} sources @returns {Inputs} */
export function inputsOf(sources) {
  const sum = (/** @type {(source: Source) => number} */ of) => sources.reduce((all, source) => all + of(source), 0);
  return {
    accepted: sum(({ accepted }) => accepted),
    filtered: sum(({ filtered }) => filtered),
    duplicate: sum(({ duplicate }) => duplicate),
    malformed: sum(({ malformed }) => malformedOf(malformed)),
  };
}

/** @param {Record<string, number>} malformed */
const malformedOf = (malformed) => Object.values(malformed).reduce((all, some) => all + some, 0);

/**
 * Why nothing is accepted though posts come, as one sentence; null where some are, or none came.
 *
 * @param {Source[]} sources
 */
export function none(sources) {
  const inputs = inputsOf(sources);
  return inputs.accepted > 0 ? null : why(sources, inputs);
}

/**
 * What came since the newest post was counted, as one sentence; null for nothing.
 *
 * @param {Source[]} sources @param {Inputs} inputs
 */
export const since = (sources, inputs) => why(sources, inputs);

/** @param {Source[]} sources @param {Inputs} inputs dropped ones */
function why(sources, { filtered, duplicate, malformed }) {
  const came = filtered + duplicate + malformed;
  if (came === 0) return null;
  if (filtered === came) return say.all_filtered(posts(came), filterOf(sources));
  if (duplicate === came) return say.all_duplicate(posts(came));
  if (malformed === came) return say.all_malformed(posts(came), reasonsOf(sources));
  const parts = [];
  if (filtered) parts.push(say.filtered_by(count(filtered), filterOf(sources)));
  if (duplicate) parts.push(say.duplicate(count(duplicate)));
  if (malformed) parts.push(say.malformed(count(malformed)));
  return say.none_of(posts(came), list(parts));
}

/** What the sources are asked for, of those that filter. @param {Source[]} sources */
function filterOf(sources) {
  const filtering = sources.filter(({ filtered }) => filtered > 0);
  const unique = (/** @type {(source: Source) => string[]} */ of) => [...new Set(filtering.flatMap(of))].join(", ");
  const terms = unique((source) => source.terms);
  const languages = unique((source) => source.languages);
  return [terms && say.terms(terms), languages && say.languages(languages)].filter(Boolean).join("; ");
}

/** @param {Source[]} sources */
const reasonsOf = (sources) => [...new Set(sources.flatMap(({ malformed }) => Object.keys(malformed)))].join(", ");

/** What a source has taken and dropped, for the strip. @param {Source} source */
export function inputsFact({ name, accepted, filtered, duplicate, malformed }) {
  const parts = [say.accepted(count(accepted)), say.filtered(count(filtered))];
  if (duplicate) parts.push(say.duplicate(count(duplicate)));
  const wrong = malformedOf(malformed);
  if (wrong) parts.push(say.malformed(count(wrong)));
  return words.strip.asked(name, parts.join(", "));
}

/** Remembers what was dropped when the newest post was counted, so that it can be told what was dropped since. */
export class Dropped {
  constructor() {
    /** @type {number | null | undefined} */
    this.newest_at_ms = undefined;
    this.before = NOTHING;
    this.since = NOTHING;
  }

  /** @param {import("./page_types.js").Snapshot} snapshot */
  note({ health: { newest_at_ms, ingest } }) {
    const now = inputsOf(ingest.sources);
    // A session that begins again counts from zero.
    const fewer = /** @type {const} */ (["filtered", "duplicate", "malformed"]).some((name) => now[name] < this.before[name]);
    if (newest_at_ms !== this.newest_at_ms || fewer) {
      this.newest_at_ms = newest_at_ms;
      this.before = now;
    }
    const { before } = this;
    this.since = {
      accepted: 0,
      filtered: now.filtered - before.filtered,
      duplicate: now.duplicate - before.duplicate,
      malformed: now.malformed - before.malformed,
    };
  }
}
