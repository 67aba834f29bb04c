/** The message in place of the bars: why there are none, and a button for a view that has some. */

import { DEFAULT_VIEW } from "../model/address.js";
import { byId, setText } from "../ui/dom.js";
import { posts } from "../i18n/format.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/page_types.js").AnySnapshot} AnySnapshot */
/** @typedef {import("../model/address.js").Address} Address */
/** @typedef {{label: string, change: Partial<Address>}} Action what the button does */
/** @typedef {{text: string, action: Action | null}} EmptyMessage */

const texts = words.board;

/** @param {string} label @param {Partial<Address>} change @returns {Action} */
const makeAction = (label, change) => ({ label, change: { at_ms: null, ...change } });

/**
 * Why the board is empty; null if it isn't. Pure.
 *
 * @param {AnySnapshot} snapshot @param {"live" | "paused" | "past"} mode @returns {EmptyMessage | null}
 */
export function emptyMessage({ top, view, posts: posts_in_view, total }, mode) {
  // The view "Rising" has sentences of its own.
  if (top.length > 0 || view.ranking === "rising") return null;
  if (mode !== "live") return { text: texts.none_at_time, action: makeAction(words.page.back_to_live, {}) };
  if ((view.source ?? view.lang) !== null) {
    return { text: texts.no_match, action: makeAction(texts.show_all, { view: DEFAULT_VIEW }) };
  }
  if (total === null || total.posts === 0) return { text: texts.no_tags, action: null };
  return messageOfRanking(view.ranking, posts_in_view, total.posts);
}

/**
 * @param {import("../model/page_types.js").Ranking} ranking
 * @param {number} posts_in_view @param {number} posts_since_start
 */
function messageOfRanking(ranking, posts_in_view, posts_since_start) {
  if (ranking === "total") return { text: texts.none_tagged(posts(posts_since_start)), action: null };
  const since_start = makeAction(words.page.ranking_total, { view: { ...DEFAULT_VIEW, ranking: "total" } });
  if (ranking === "batch") {
    return { text: texts.none_in_batch, action: makeAction(texts.show_window, { view: DEFAULT_VIEW }) };
  }
  const text = posts_in_view > 0 ? texts.no_tags : texts.no_posts;
  return { text: `${text} ${texts.counted(posts(posts_since_start))}`, action: since_start };
}

export class EmptyBoard {
  /** @param {(part: Partial<Address>) => void} onChange */
  constructor(onChange) {
    this.element = byId("empty");
    this.button = byId("empty-step");
    /** @type {Partial<Address>} */
    this.change = {};
    this.button.addEventListener("click", () => onChange(this.change));
  }

  /** @param {EmptyMessage | null} message */
  show(message) {
    this.element.hidden = message === null;
    if (message === null) return;
    setText(byId("empty-text"), message.text);
    this.button.hidden = message.action === null;
    if (message.action === null) return;
    setText(this.button, message.action.label);
    this.change = message.action.change;
  }
}
