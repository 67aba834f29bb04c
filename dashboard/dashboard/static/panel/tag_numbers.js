/** The numbers of a tag in the panel: from the board if the tag is there, otherwise from the dashboard's response. Pure. */

import { clockTime } from "../i18n/format.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/types.js").EventLeader} Leader */
/** @typedef {import("../model/page_types.js").AnySnapshot} AnySnapshot */
/** @typedef {import("../model/page_types.js").TagFacts} TagFacts */
/** @typedef {import("../model/page_types.js").TagWindow} TagWindow */
/** @typedef {{facts: TagFacts, at_ms: number}} TagResponse the response for a tag, and when it was requested */
/**
 * `at_ms`: when the numbers were true; null for numbers of the board.
 * @typedef {{posts: number, rank: number, share: number, at_ms: number | null}} Standing
 */

/** @param {string} key @param {AnySnapshot | null} snapshot @returns {Leader | undefined} */
const findLeader = (key, snapshot) => snapshot?.top.find((leader) => leader.key === key);

/** @param {number} posts @param {number} all */
const shareOfPosts = (posts, all) => (all > 0 ? posts / all : 0);

/**
 * The rank and posts of a tag in the ranking of the board.
 *
 * @param {string} key @param {AnySnapshot | null} snapshot @param {TagResponse | undefined} response
 * @returns {Standing | null}
 */
export function standing(key, snapshot, response) {
  const leader = findLeader(key, snapshot);
  if (leader && snapshot) {
    return { posts: leader.posts, rank: leader.rank, share: shareOfPosts(leader.posts, snapshot.posts), at_ms: null };
  }
  const window = response?.facts.window;
  return window ? { posts: window.posts, rank: window.rank, share: window.share, at_ms: window.to_ms } : null;
}

/**
 * The posts of a tag since the start.
 *
 * @param {string} key @param {AnySnapshot | null} snapshot @param {TagResponse | undefined} response
 * @returns {{posts: number, at_ms: number | null} | null}
 */
export function postsSinceStart(key, snapshot, response) {
  const leader = snapshot?.view.ranking === "total" ? findLeader(key, snapshot) : undefined;
  if (leader) return { posts: leader.posts, at_ms: null };
  const total = response?.facts.total;
  return total && response ? { posts: total.posts, at_ms: response.at_ms } : null;
}

/**
 * The response for a tag, with the window of the board if the board displays it; null if neither is known.
 *
 * @param {string} key @param {AnySnapshot | null} snapshot @param {TagResponse | undefined} response
 * @returns {TagFacts | null}
 */
export function mergeTagFacts(key, snapshot, response) {
  const leader = findLeader(key, snapshot);
  const facts = response?.facts ?? (leader ? factsOfLeader(leader) : null);
  // Use the requested key: the key in the URL may be another form of the tag.
  return facts && { ...facts, key, window: windowOf(leader, snapshot) ?? facts.window };
}

/**
 * The time of a number that is not from the board; empty for numbers of the board.
 *
 * @param {{at_ms: number | null} | null} number
 */
export const asOf = (number) => (number === null || number.at_ms === null ? "" : words.panel.as_of(clockTime(number.at_ms)));

/** @param {Leader | undefined} leader @param {AnySnapshot | null} snapshot @returns {TagWindow | null} */
function windowOf(leader, snapshot) {
  if (!leader || !snapshot) return null;
  const { view, from_ms, to_ms, coverage } = snapshot;
  if (view.ranking !== "window" || (view.source ?? view.lang) !== null) return null;
  const { rank, posts, panes, authors } = leader;
  const counted_from_ms = Math.max(coverage.from_ms, from_ms);
  return { rank, posts, share: shareOfPosts(posts, snapshot.posts), from_ms, to_ms, counted_from_ms, panes, authors };
}

/** @param {Leader} leader @returns {TagFacts} */
const factsOfLeader = ({ key, label, first_seen_ms }) => ({
  ...{ key, label, first_seen_ms, window: null, total: null, rising: null, held_back: null },
  ...{ history: [], history_step_ms: 0, sources: [], links: [] },
});
