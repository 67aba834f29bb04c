/** How a tag changed: its rank, its posts, its share. Pure. */

import { change, share } from "../i18n/format.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("./types.js").EventLeader} Leader */
/** @typedef {import("./page_types.js").AnySnapshot} AnySnapshot */
/** @typedef {{kind: "up" | "down" | "new" | "same", text: string}} Mark */

/** From this factor on the change is displayed as a factor: "×12" is easier to read than "+1100%". */
const MIN_FACTOR = 10;

/** @type {Mark} */
const SAME = { kind: "same", text: "" };

/**
 * The change of a rank. If no tag has a previous rank there is nothing to compare with, and no tag is new.
 *
 * @param {Leader} leader @param {boolean} compared does any tag of the ranking have a previous rank?
 * @returns {Mark}
 */
export function rankMark({ rank, previous_rank }, compared) {
  if (previous_rank === null) return compared ? { kind: "new", text: words.board.new } : SAME;
  const places = previous_rank - rank;
  if (places > 0) return { kind: "up", text: words.board.up(places) };
  return places < 0 ? { kind: "down", text: words.board.down(-places) } : SAME;
}

/** Does any tag have a previous rank? @param {Leader[]} top */
export const hasPreviousRanks = (top) => top.some(({ previous_rank }) => previous_rank !== null);

/**
 * The posts of a tag compared with the previous period: "+24%", "×12", "NEW"; empty if the previous period was not counted.
 *
 * @param {{posts: number, posts_before: number | null}} leader
 * @param {number | null} all_before all posts of the previous period; with 0 posts nothing can be compared
 */
export function postsChange({ posts, posts_before }, all_before) {
  if (posts_before === null || all_before === 0) return "";
  if (posts_before === 0) return words.board.new;
  const factor = posts / posts_before;
  return factor >= MIN_FACTOR ? `×${Math.round(factor)}` : change(factor - 1);
}

/** Can any tag be compared with the previous period? @param {Pick<AnySnapshot, "top" | "posts_before">} snapshot */
export const isCompared = ({ top, posts_before }) => top.some((leader) => postsChange(leader, posts_before) !== "");

/**
 * The closed panes of a tag that were counted, oldest first. Panes before counting began are left out: they are
 * unknown, not 0. The open pane is left out, because its few posts would look like a fall.
 *
 * @param {number[] | null} panes @param {Pick<AnySnapshot, "to_ms" | "pane_seconds" | "coverage">} snapshot
 */
export function countedPanes(panes, { to_ms, pane_seconds, coverage }) {
  if (panes === null) return [];
  const pane_ms = pane_seconds * 1000;
  const first_pane_ms = Math.ceil(to_ms / pane_ms) * pane_ms - panes.length * pane_ms;
  const uncounted = Math.max(0, Math.ceil((coverage.from_ms - first_pane_ms) / pane_ms));
  return panes.slice(uncounted, -1);
}

/** The share of all posts that have the tag: "12.3%". @param {number} posts @param {number} all */
export const shareOf = (posts, all) => (all > 0 ? share(posts / all) : "");
