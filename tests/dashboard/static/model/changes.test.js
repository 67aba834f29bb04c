import assert from "node:assert/strict";
import test from "node:test";
import { countedPanes, isCompared, postsChange, rankMark, shareOf } from "../../../../dashboard/dashboard/static/model/changes.js";

/** @param {number} rank @param {number | null} previous_rank */
const leader = (rank, previous_rank) =>
  ({ rank, previous_rank, key: "k", label: "k", posts: 1, posts_before: 0, first_seen_ms: 0, panes: null, authors: null });

test("a rank rises, falls, stays, or is new", () => {
  assert.deepEqual(rankMark(leader(1, 3), true), { kind: "up", text: "▲2" });
  assert.deepEqual(rankMark(leader(3, 2), true), { kind: "down", text: "▼1" });
  assert.deepEqual(rankMark(leader(2, 2), true), { kind: "same", text: "" });
  assert.deepEqual(rankMark(leader(2, null), true), { kind: "new", text: "NEW" });
});

test("no tag is new if no tag has a previous rank", () => {
  assert.equal(rankMark(leader(1, null), false).text, "");
});

test("posts compared with the previous period", () => {
  assert.equal(postsChange({ posts: 124, posts_before: 100 }, 1000), "+24%");
  assert.equal(postsChange({ posts: 50, posts_before: 100 }, 1000), "−50%");
  assert.equal(postsChange({ posts: 100, posts_before: 100 }, 1000), "0%");
  assert.equal(postsChange({ posts: 120, posts_before: 10 }, 1000), "×12");
  assert.equal(postsChange({ posts: 5, posts_before: 0 }, 1000), "NEW");
});

test("the change is empty if the previous period is unknown", () => {
  assert.equal(postsChange({ posts: 5, posts_before: null }, null), "");
  assert.equal(postsChange({ posts: 5, posts_before: 0 }, 0), "");
  assert.equal(postsChange({ posts: 6, posts_before: 3 }, null), "+100%");
});

test("a ranking is compared if at least one tag has a change to display", () => {
  const known = { ...leader(1, 1), posts_before: 2 };
  const unknown = { ...leader(2, 2), posts_before: null };
  assert.equal(isCompared({ top: [unknown, known], posts_before: 5 }), true);
  assert.equal(isCompared({ top: [unknown], posts_before: null }), false);
  assert.equal(isCompared({ top: [{ ...known, posts_before: 0 }], posts_before: 0 }), false);
  assert.equal(isCompared({ top: [], posts_before: 5 }), false);
});

test("a sparkline begins where counting began", () => {
  const shown = { to_ms: 54_000, pane_seconds: 10, coverage: { from_ms: 10_000, missing_ms: 0 } };
  const panes = [1, 2, 3, 4, 5];
  assert.deepEqual(countedPanes(panes, shown), [1, 2, 3, 4]);
  assert.deepEqual(countedPanes(panes, { ...shown, coverage: { from_ms: 30_000, missing_ms: 0 } }), [3, 4]);
  // A partly counted pane would look like a rise.
  assert.deepEqual(countedPanes(panes, { ...shown, coverage: { from_ms: 30_001, missing_ms: 0 } }), [4]);
  assert.deepEqual(countedPanes(panes, { ...shown, coverage: { from_ms: 54_000, missing_ms: 0 } }), []);
  assert.deepEqual(countedPanes(null, shown), []);
});

test("the share of all posts, and of no posts", () => {
  assert.equal(shareOf(1, 8), "12.5%");
  assert.equal(shareOf(0, 0), "");
});
