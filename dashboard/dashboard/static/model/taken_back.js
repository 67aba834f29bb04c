/**
 * The part of a hashtag's posts that their authors deleted. Posts that appear and vanish within minutes are a common way to
 * fake a trend (Elmas and others, "Ephemeral Astroturfing Attacks", arXiv:1910.07783). Pure.
 */

import { count, posts, roundShare } from "../i18n/format.js";
import { words } from "../i18n/messages.js";

/** @typedef {{posts: number, taken_back?: number | null}} Counted `taken_back`: those of the posts that are deleted now */

/** Of fewer posts, a few deletions say nothing. */
const MIN_POSTS = 20;
/** A smaller part is usual. */
const MIN_PART = 0.2;

/** The part of the posts that is deleted if it is worth a word, otherwise null. @param {Counted} counted */
export function takenBackPart({ posts: all, taken_back }) {
  const deleted = taken_back ?? 0;
  return all >= MIN_POSTS && deleted >= MIN_PART * all ? deleted / all : null;
}

/** "41% taken back", and a short form for narrow rows; null if it is not worth a word. @param {Counted} counted */
export function takenBackBadge(counted) {
  const part = takenBackPart(counted);
  if (part === null) return null;
  const share = roundShare(part);
  return { long: words.taken_back.badge(share), short: words.taken_back.short(share) };
}

/** The same as a sentence with both numbers. @param {Counted} counted */
export function takenBackSentence(counted) {
  const badge = takenBackBadge(counted);
  return badge && words.taken_back.sentence(badge.long, count(counted.taken_back ?? 0), posts(counted.posts));
}
