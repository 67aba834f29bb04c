/** Hashtags that the search found, as text. Pure. */

import { count, posts } from "../i18n/format.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("./types.js").FoundTag} FoundTag */

/**
 * What is known about a found tag: "12 posts in the window, rank 431".
 *
 * @param {FoundTag} tag
 */
export function foundFact({ window_posts, window_rank, total_posts }) {
  const texts = words.search;
  if (window_posts > 0 && window_rank !== null) return texts.in_window(posts(window_posts), count(window_rank));
  return total_posts ? texts.since_start(posts(total_posts)) : texts.in_history;
}

/**
 * The option that an arrow key moves to; -1 is the field itself, which comes before the first and after the last option.
 *
 * @param {number} active @param {"ArrowDown" | "ArrowUp"} key @param {number} options how many there are
 */
export function nextOption(active, key, options) {
  const places = options + 1;
  return ((active + 1 + (key === "ArrowDown" ? 1 : places - 1)) % places) - 1;
}
