/** The numbers of a tag in the panel: from the board if the tag is there, otherwise from the dashboard's response. Pure. */

import { clockTime, longLength } from "../i18n/format.js";
import { peopleCurve } from "../model/curves.js";
import { findRising, usualBand } from "../model/rising.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/types.js").EventLeader} Leader */
/** @typedef {import("../model/page_types.js").AnySnapshot} AnySnapshot */
/** @typedef {import("../model/page_types.js").TagFacts} TagFacts */
/** @typedef {import("../model/page_types.js").TagWindow} TagWindow */
/** @typedef {import("../model/types.js").RisingTag} RisingTag */
/** @typedef {{facts: TagFacts, at_ms: number}} TagResponse the response for a tag, and when it was requested */
/**
 * `at_ms`: when the numbers were true; null for numbers of the board.
 * @typedef {{posts: number, rank: number, share: number, at_ms: number | null}} Standing
 */

/** @param {string} key @param {AnySnapshot | null} snapshot @returns {Leader | undefined} */
const findInTop = (key, snapshot) => snapshot?.top.find((leader) => leader.key === key);

/** The same, if the board has the window or the totals: an hour of the archive is neither. @type {typeof findInTop} */
const findLeader = (key, snapshot) => (snapshot?.archived ? undefined : findInTop(key, snapshot));

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
 * The entry of a tag on the list of Rising, and when the last pane of its curve ended; null if it is not on the list.
 *
 * @param {string} key @param {AnySnapshot | null} snapshot @param {TagResponse | undefined} response
 * @returns {{tag: RisingTag, to_ms: number} | null}
 */
export function risingEntry(key, snapshot, response) {
  if (snapshot === null) return null;
  if (snapshot.view.ranking === "rising") {
    const tag = findRising(snapshot.rising, key);
    return tag && snapshot.rising && { tag, to_ms: snapshot.rising.at_ms };
  }
  const tag = response?.facts.rising;
  const pane_ms = snapshot.pane_seconds * 1000;
  return tag ? { tag, to_ms: Math.floor(snapshot.to_ms / pane_ms) * pane_ms } : null;
}

/**
 * The rise of a tag that is held back; null if it is not held back.
 *
 * @param {string} key @param {AnySnapshot | null} snapshot @param {TagResponse | undefined} response
 */
export function heldBack(key, snapshot, response) {
  if (snapshot?.view.ranking !== "rising") return response?.facts.held_back ?? null;
  return snapshot.rising?.held_back.find((held) => held.key === key) ?? null;
}

/**
 * People per pane and what is usual, for a tag on the list of Rising; null for another tag. `pane`: its length as text.
 *
 * @param {string} key @param {AnySnapshot | null} snapshot @param {TagResponse | undefined} response
 */
export function risingCurve(key, snapshot, response) {
  const entry = risingEntry(key, snapshot, response);
  if (entry === null || snapshot === null) return null;
  const points = peopleCurve(entry.tag.panes, entry.to_ms, snapshot.pane_seconds);
  return { points, band: usualBand(entry.tag, snapshot), pane: longLength(snapshot.pane_seconds) };
}

/**
 * The people who used a tag in the window; null if that is not known.
 *
 * @param {string} key @param {AnySnapshot | null} snapshot @param {TagResponse | undefined} response
 * @returns {{people: number, at_ms: number | null} | null}
 */
export function peopleOf(key, snapshot, response) {
  const leader = findLeader(key, snapshot);
  if (leader) return leader.authors === null ? null : { people: leader.authors, at_ms: null };
  const entry = risingEntry(key, snapshot, undefined);
  if (entry) return { people: entry.tag.authors, at_ms: null };
  const window = response?.facts.window;
  return window?.authors === undefined || window.authors === null ? null : { people: window.authors, at_ms: window.to_ms };
}

/**
 * The posts of a tag in the window, and those of them that are deleted now; null if they are not known.
 *
 * @param {string} key @param {AnySnapshot | null} snapshot @param {TagResponse | undefined} response
 */
export function takenBackOf(key, snapshot, response) {
  /** @type {(import("../model/taken_back.js").Counted | null | undefined)[]} */
  const known = [findLeader(key, snapshot), risingEntry(key, snapshot, response)?.tag, response?.facts.window];
  return known.find((counted) => (counted?.taken_back ?? null) !== null) ?? null;
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
  const known = findInTop(key, snapshot) ?? risingEntry(key, snapshot, response)?.tag;
  const facts = response?.facts ?? (known ? factsOf(known) : null);
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
  // The rank in the window is that by posts.
  if (view.ranking !== "window" || (view.source ?? view.lang) !== null || view.by !== "posts") return null;
  const { rank, posts, authors, panes } = leader;
  const counted_from_ms = Math.max(coverage.from_ms, from_ms);
  return { rank, posts, authors, share: shareOfPosts(posts, snapshot.posts), from_ms, to_ms, counted_from_ms, panes };
}

/** @param {{key: string, label: string, first_seen_ms?: number | null}} tag @returns {TagFacts} */
const factsOf = ({ key, label, first_seen_ms = null }) => ({
  ...{ key, label, first_seen_ms, window: null, total: null, rising: null, held_back: null },
  ...{ history: [], history_step_ms: 0, sources: [], links: [] },
});
