/** The curves of the tags in the panel: in the window, and over the whole history. Pure. */

/** @typedef {import("./page_types.js").TagFacts} TagFacts */
/** Time in ms, posts. @typedef {[number, number][]} Points */
/** @typedef {{colour: string, dash: string, points: Points, step_ms: number}} TagCurve */
/** By tag, in the same order. @typedef {{tags: TagFacts[], window: TagCurve[], history: TagCurve[]}} Curves */

/** @param {TagFacts[]} tags @param {(key: string) => {colour: string, dash: string}} styleOf @returns {Curves} */
export const curvesOf = (tags, styleOf) => ({
  tags,
  window: tags.map((tag) => ({ ...styleOf(tag.key), ...windowPoints(tag) })),
  history: tags.map((tag) => ({ ...styleOf(tag.key), points: tag.history, step_ms: tag.history_step_ms })),
});

/**
 * People per pane of a rising tag, at the start of each pane.
 *
 * @param {number[]} panes oldest first @param {number} to_ms the end of the last @param {number} pane_seconds
 * @returns {Points}
 */
export const peopleCurve = (panes, to_ms, pane_seconds) =>
  panes.map((people, index) => [to_ms - (panes.length - index) * pane_seconds * 1000, people]);

/** @param {TagFacts} tag @returns {{points: Points, step_ms: number}} */
function windowPoints({ window, history, history_step_ms }) {
  if (!window) return { points: [], step_ms: 0 };
  const { from_ms, to_ms, counted_from_ms, panes } = window;
  // A window of the past has no panes of the tag; the history has the panes in which the tag was among the leaders.
  if (!panes) return { points: history.filter(([at_ms]) => at_ms >= from_ms && at_ms < to_ms), step_ms: history_step_ms };
  const step_ms = Math.ceil((to_ms - from_ms) / panes.length / 1000) * 1000;
  // The last pane is open: its few posts would look like a fall.
  const closed = panes.slice(0, -1);
  /** @type {Points} */
  const points = closed.map((posts, index) => [from_ms + index * step_ms, posts]);
  // Panes before counting began are unknown, not 0; a partly counted pane would look like a rise.
  return { points: points.filter(([at_ms]) => at_ms >= counted_from_ms), step_ms };
}
