/** How a tag moved: its rank, its posts, its share. Pure. */

import { change, share } from "../i18n/format.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("./types.js").EventLeader} Leader */
/** @typedef {import("./types.js").Event} Numbers */
/** @typedef {{kind: "up" | "down" | "new" | "same", text: string}} Mark */

/** From this factor on the change is told as a factor: "×12" reads better than "+1100%". */
const FACTOR_FROM = 10;

/** @type {Mark} */
const SAME = { kind: "same", text: "" };

/**
 * The change of a rank. Where no tag at all has a rank of before there is nothing to compare with, and nothing is new.
 *
 * @param {Leader} leader @param {boolean} compared whether any tag beside it has a rank of before
 * @returns {Mark}
 */
export function rankMark({ rank, previous_rank }, compared) {
  if (previous_rank === null) return compared ? { kind: "new", text: words.board.new } : SAME;
  const places = previous_rank - rank;
  if (places > 0) return { kind: "up", text: words.board.up(places) };
  return places < 0 ? { kind: "down", text: words.board.down(-places) } : SAME;
}

/** Does any tag have a rank of before? @param {Leader[]} top */
export const hasRanksBefore = (top) => top.some(({ previous_rank }) => previous_rank !== null);

/**
 * The posts of a tag against those of the time before: "+24%", "×12", "NEW"; empty where nothing is known of it.
 *
 * @param {{posts: number, posts_before: number | null}} leader
 * @param {number | null} all_before posts of all tags in the time before: with none of them nothing can be compared
 */
export function postsChange({ posts, posts_before }, all_before) {
  if (posts_before === null || all_before === 0) return "";
  if (posts_before === 0) return words.board.new;
  const factor = posts / posts_before;
  return factor >= FACTOR_FROM ? `×${Math.round(factor)}` : change(factor - 1);
}

/** Is anything known of the time before? @param {Pick<Numbers, "top" | "posts_before">} shown */
export const isCompared = ({ top, posts_before }) => top.some((leader) => postsChange(leader, posts_before) !== "");

/**
 * The closed panes of a tag that were counted, oldest first: before counting began there is nothing, which is not 0, and
 * the few posts of the open pane would look like a fall.
 *
 * @param {number[] | null} panes @param {Pick<Numbers, "to_ms" | "pane_seconds" | "coverage">} shown
 */
export function countedPanes(panes, { to_ms, pane_seconds, coverage }) {
  if (panes === null) return [];
  const pane_ms = pane_seconds * 1000;
  const begins_ms = Math.ceil(to_ms / pane_ms) * pane_ms - panes.length * pane_ms;
  const uncounted = Math.max(0, Math.ceil((coverage.from_ms - begins_ms) / pane_ms));
  return panes.slice(uncounted, -1);
}

/** The part of all posts that carry a tag: "12.3%". @param {number} posts @param {number} all */
export const shareOf = (posts, all) => (all > 0 ? share(posts / all) : "");
