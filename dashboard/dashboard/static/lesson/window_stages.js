/** The last two stages of the lesson: the window of all panes, and the hashtags that lead in it. */

import { batchPosts, drawnTag, leadingTags, ranksUp } from "../model/lesson.js";
import { count, posts, range } from "../i18n/format.js";
import { make, setStyle } from "../ui/dom.js";
import { bar, oneByOne, stepTexts, table, tagName } from "./parts.js";
import { equals, plus } from "./count_stages.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/types.js").Trace} Trace */
/** @typedef {import("../model/types.js").TraceTag} TraceTag */

const texts = words.lesson;
/** Below the drawing there is space for these sums. */
const SUMS = 2;
const SUM_HEADS = [texts.window_before, texts.this_batch, texts.left, texts.window_after];

/** The panes of one tag as a drawing, and its sum in large letters; below it the sums of other tags. @param {Trace} trace */
export function showWindow(trace) {
  const { window, left_pane, closed_panes } = trace;
  const span = (/** @type {{from_ms: number, to_ms: number}} */ { from_ms, to_ms }) => range(from_ms, to_ms, to_ms, true);
  const left = left_pane ? texts.pane_left(span(left_pane), posts(left_pane.posts)) : texts.nothing_left;
  const facts = [texts.window_is(count(closed_panes), span(window)), left];
  const tag = drawnTag(trace);
  if (tag === null) return { facts, drawing: [make("p", "", texts.no_tags)] };
  const others = leadingTags(trace).filter(({ key }) => key !== tag.key).slice(0, SUMS);
  const rows = others.map((other) => [tagName(other.label), ...sumOf(other)]);
  const sums = table("sums windows", [words.page.hashtag, ...SUM_HEADS], rows);
  return { facts, drawing: [drawing(tag, left_pane !== null), equation(tag), sums] };
}

/** @param {TraceTag} tag */
const sumOf = (tag) => [
  ...[count(tag.window_before), plus(batchPosts(tag))],
  ...[make("span", "lesson-minus", `− ${count(tag.left)}`), equals(tag.window_after)],
];

/**
 * The panes as columns. The one that leaves is on the left, outside of the bracket; if none leaves, the oldest is next.
 *
 * @param {TraceTag} tag @param {boolean} has_left has a pane left the window?
 */
function drawing({ label, panes, left, batch_posts }, has_left) {
  const most = Math.max(1, left, ...panes);
  const columns = panes.map((value, index) => {
    if (index === panes.length - 1) return openColumn(value, most, batch_posts);
    const is_next = index === 0 && !has_left;
    return paneColumn(value, most, is_next ? "next" : "closed", is_next ? texts.leaves_next : "");
  });
  const box = make("div", "lesson-window", ...oneByOne(columns));
  const drawn = make("div", has_left ? "lesson-panes" : "lesson-panes full", box);
  if (has_left) drawn.prepend(paneColumn(left, most, "left", texts.leaves));
  drawn.setAttribute("role", "img");
  drawn.setAttribute("aria-label", texts.panes_text(`#${label}`, panes.map(count).join(", "), count(left)));
  return make("figure", "lesson-figure", make("figcaption", "", texts.panes_of(`#${label}`)), drawn);
}

/** @param {number} value @param {number} most of all columns @param {number} added by this micro-batch */
function openColumn(value, most, added) {
  const column = paneColumn(value, most, "open", texts.open);
  setStyle(column, "--added", String(value ? added / value : 0));
  return column;
}

/** @param {number} value @param {number} most of all columns @param {string} kind @param {string} name */
function paneColumn(value, most, kind, name) {
  const stick = make("span", "lesson-stick");
  setStyle(stick, "--part", String(value / most));
  return make("span", `lesson-column ${kind}`, make("span", "lesson-value", count(value)), stick, make("small", "", name));
}

/** @param {TraceTag} tag */
function equation(tag) {
  const parts = sumOf(tag).map((number, index) => make("div", "", make("dt", "", SUM_HEADS[index]), make("dd", "", number)));
  return make("div", "lesson-equation", tagName(tag.label), make("dl", "", ...parts));
}

/** The list that the page shows, and how the tags moved. @param {Trace} trace */
export function showTop(trace) {
  const tags = leadingTags(trace);
  const most = Math.max(1, ...tags.map(({ window_after }) => window_after));
  const rows = tags.map((tag) => {
    const { label, rank_after, window_before, window_after } = tag;
    const same = Math.min(window_before, window_after);
    const length = bar(["before", same / most], ["added", (window_after - same) / most]);
    const name = make("span", "lesson-ranked", make("span", "lesson-rank", count(rank_after)), tagName(label));
    return [name, move(tag), length, make("strong", "", count(window_after))];
  });
  const heads = [words.page.hashtag, words.page.rank_change, "", words.page.posts];
  const facts = [...stepTexts(trace, ["rank", "push", "show"]), texts.clocks];
  return { facts, drawing: [rows.length ? table("tops", heads, rows) : make("p", "", texts.no_tags)] };
}

/** @param {TraceTag} tag */
function move(tag) {
  const ranks = ranksUp(tag);
  if (ranks === "new") return make("span", "lesson-move new", texts.rank_new);
  if (ranks === 0) return make("span", "lesson-move", texts.rank_same);
  const text = ranks > 0 ? texts.ranks_up(ranks) : texts.ranks_down(-ranks);
  return make("span", `lesson-move ${ranks > 0 ? "up" : "down"}`, text);
}
