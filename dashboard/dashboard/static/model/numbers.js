/** Numbers that have a card: how `/api/number` names them, what to request for one, and how its value is written. Pure. */

import { DEFAULT_VIEW, sameView } from "./address.js";
import { change, count, exactMoment, factor, rate, roundShare, share, shortDuration } from "../i18n/format.js";

/** @typedef {import("./types.js").View} View */

/**
 * The snapshot that a number is of. `seq`: null in the past, which is named by `to_ms`.
 * `archived`: it is from the archive, which has no cards.
 * @typedef {{epoch: number, seq: number | null, to_ms: number, view: View, archived?: object}} Moment
 */
/**
 * A number. `of`: its name in the API. `key`: of its tag, null for a number of the whole view. `other`: the second tag of a
 * pair. `label`: the tag or tags as they are written, with the #; null without a tag.
 * @typedef {{of: string, key: string | null, other: string | null, label: string | null, moment: Moment}} NumberPlace
 */

/** The names that are about one thing: a card offers the others of its group. */
const GROUPS = [
  ["rising_times", "rising_authors", "rising_voices", "rising_expected", "rising_posts", "rising_copies", "rising_lang_part",
    "rising_source_part", "rising_peak_voices"],
  ["held_posts", "held_authors", "held_texts"],
  ["pair_posts"],
  ["rank", "rank_change", "posts", "posts_before", "change", "authors", "share", "taken_back", "taken_back_part", "total_posts",
    "first_seen_ms"],
];
/** The same for numbers that are about no tag. */
const GROUPS_OF_ALL = [
  ["posts", "posts_before", "authors", "taken_back"],
  ["posts_per_second", "newest_at_ms", "lag_posts", "lag_ms", "batch_ms"],
  ["total_tags", "dropped_tags", "dropped_posts", "lost", "skipped", "cut"],
  ["accepted", "filtered", "duplicate", "malformed"],
];
/** Only these are counted pane by pane, in a way that a recount can repeat. */
const RECOUNTED = ["posts", "taken_back", "taken_back_part", "share", "change", "rank", "authors"];

/** The names that a card offers beside this one, and this one. @param {NumberPlace} place */
export function groupOf({ of, key }) {
  const groups = key === null ? GROUPS_OF_ALL : GROUPS;
  return groups.find((group) => group.includes(of)) ?? [of];
}

/** The query that names a number in `/api/number` and `/api/explain`. @param {NumberPlace} place */
export function numberQuery({ of, key, other, moment: { epoch, seq, to_ms, view } }) {
  const snapshot = seq === null ? { at_ms: to_ms } : { epoch, seq };
  const { ranking, source, lang, by } = view;
  const parts = sameView(view, DEFAULT_VIEW) ? {} : { view: ranking, source, lang, by: by === "posts" ? null : by };
  const values = Object.entries({ of, key, other, ...snapshot, ...parts });
  return new URLSearchParams(values.flatMap(([name, value]) => (value === null ? [] : [[name, String(value)]]))).toString();
}

/** Can a recount of a pane check this number? @param {NumberPlace} place */
export const canRecount = ({ of, moment: { view } }) =>
  view.ranking === "window" && view.source === null && view.lang === null && RECOUNTED.includes(of);

/** How the values of these names are written. @type {Record<string, (value: number) => string>} */
const FORMATS = {
  ...{ share, change, posts_per_second: rate, rising_times: factor, rising_expected: factor, rising_copies: roundShare },
  ...{ taken_back_part: roundShare, rising_lang_part: roundShare, rising_source_part: roundShare },
  ...{ lag_ms: shortDuration, batch_ms: shortDuration },
};

/** The value as the page writes it. @param {string} of @param {number} value @param {number} now_ms */
export function formatNumber(of, value, now_ms) {
  if (of === "newest_at_ms" || of === "first_seen_ms") return exactMoment(value, now_ms);
  return (FORMATS[of] ?? count)(value);
}
