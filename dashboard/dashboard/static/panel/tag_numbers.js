/** What the panel tells of a tag: as on the board where the tag is there, else as the dashboard answered. Pure. */

import { clockTime } from "../i18n/format.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/types.js").EventLeader} Leader */
/** @typedef {import("../model/types.js").Event} Numbers */
/** @typedef {import("../model/page_types.js").TagFacts} TagFacts */
/** @typedef {import("../model/page_types.js").TagWindow} TagWindow */
/** @typedef {{facts: TagFacts, at_ms: number}} Answer what the dashboard said of a tag, and when */
/** `at_ms`: null for the board's.
 * @typedef {{posts: number, rank: number, share: number, at_ms: number | null}} Standing */

/** @param {string} key @param {Numbers | null} shown @returns {Leader | undefined} */
const onBoard = (key, shown) => shown?.top.find((leader) => leader.key === key);

/** @param {number} posts @param {number} all */
const part = (posts, all) => (all > 0 ? posts / all : 0);

/**
 * Where a tag stands in the ranking that the board shows.
 *
 * @param {string} key @param {Numbers | null} shown @param {Answer | undefined} answer @returns {Standing | null}
 */
export function standing(key, shown, answer) {
  const leader = onBoard(key, shown);
  if (leader && shown) {
    return { posts: leader.posts, rank: leader.rank, share: part(leader.posts, shown.posts), at_ms: null };
  }
  const window = answer?.facts.window;
  return window ? { posts: window.posts, rank: window.rank, share: window.share, at_ms: window.to_ms } : null;
}

/**
 * Posts of a tag since the start.
 *
 * @param {string} key @param {Numbers | null} shown @param {Answer | undefined} answer
 * @returns {{posts: number, at_ms: number | null} | null}
 */
export function sinceStart(key, shown, answer) {
  const leader = shown?.view.ranking === "total" ? onBoard(key, shown) : undefined;
  if (leader) return { posts: leader.posts, at_ms: null };
  const total = answer?.facts.total;
  return total && answer ? { posts: total.posts, at_ms: answer.at_ms } : null;
}

/**
 * All that is known of a tag, with the window of the board where it shows one; null if nothing is.
 *
 * @param {string} key @param {Numbers | null} shown @param {Answer | undefined} answer @returns {TagFacts | null}
 */
export function tagKnown(key, shown, answer) {
  const leader = onBoard(key, shown);
  const facts = answer?.facts ?? (leader ? ofLeader(leader) : null);
  // By the key that was asked for: somebody may have written another form of it into the address.
  return facts && { ...facts, key, window: windowOf(leader, shown) ?? facts.window };
}

/** When a number was true that is not the board's. @param {{at_ms: number | null} | null} told */
export const asOf = (told) => (told === null || told.at_ms === null ? "" : words.panel.as_of(clockTime(told.at_ms)));

/** @param {Leader | undefined} leader @param {Numbers | null} shown @returns {TagWindow | null} */
function windowOf(leader, shown) {
  if (!leader || !shown) return null;
  const { view, from_ms, to_ms, coverage } = shown;
  if (view.ranking !== "window" || (view.source ?? view.lang) !== null) return null;
  const { rank, posts, panes } = leader;
  const counted_from_ms = Math.max(coverage.from_ms, from_ms);
  return { rank, posts, share: part(posts, shown.posts), from_ms, to_ms, counted_from_ms, panes };
}

/** @param {Leader} leader @returns {TagFacts} */
const ofLeader = ({ key, label, first_seen_ms }) => ({
  ...{ key, label, first_seen_ms, window: null, total: null },
  ...{ history: [], history_step_ms: 0, sources: [], links: [] },
});
