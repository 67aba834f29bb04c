import assert from "node:assert/strict";
import test from "node:test";
import { allBefore, postsChange, rankMark, shareOf } from "../../../dashboard/dashboard/static/change.js";

/** @param {number} rank @param {number | null} previous_rank */
const leader = (rank, previous_rank) =>
  ({ rank, previous_rank, key: "k", label: "k", posts: 1, posts_before: 0, first_seen_ms: 0, panes: null });

test("a rank that rose, fell, stayed, or is new", () => {
  assert.deepEqual(rankMark(leader(1, 3), true), { kind: "up", text: "▲2" });
  assert.deepEqual(rankMark(leader(3, 2), true), { kind: "down", text: "▼1" });
  assert.deepEqual(rankMark(leader(2, 2), true), { kind: "same", text: "" });
  assert.deepEqual(rankMark(leader(2, null), true), { kind: "new", text: "NEW" });
});

test("nothing is new where there is nothing to compare with", () => {
  assert.equal(rankMark(leader(1, null), false).text, "");
});

test("posts against those of before", () => {
  assert.equal(postsChange({ posts: 124, posts_before: 100 }, 1000), "+24%");
  assert.equal(postsChange({ posts: 50, posts_before: 100 }, 1000), "−50%");
  assert.equal(postsChange({ posts: 100, posts_before: 100 }, 1000), "0%");
  assert.equal(postsChange({ posts: 120, posts_before: 10 }, 1000), "×12");
  assert.equal(postsChange({ posts: 5, posts_before: 0 }, 1000), "NEW");
});

test("where nothing is known of before, nothing is said", () => {
  assert.equal(postsChange({ posts: 5, posts_before: null }, null), "");
  assert.equal(postsChange({ posts: 5, posts_before: 0 }, 0), "");
  assert.equal(postsChange({ posts: 6, posts_before: 3 }, null), "+100%");
});

test("half a window before is nothing to compare with", () => {
  const view = { ranking: /** @type {const} */ ("window"), source: null, lang: null };
  const total = { since_ms: 400_000, posts: 9, tags: 1, dropped_tags: 0, dropped_posts: 0 };
  const shown = { view, total, from_ms: 700_000, window_seconds: 300, posts_before: 5 };
  assert.equal(allBefore(shown), 5);
  assert.equal(allBefore({ ...shown, total: { ...total, since_ms: 400_001 } }), 0);
  assert.equal(allBefore({ ...shown, total: null }), 5);
  assert.equal(allBefore({ ...shown, total: { ...total, since_ms: 690_000 }, view: { ...view, ranking: "batch" } }), 5);
});

test("a share of all posts, and of none", () => {
  assert.equal(shareOf(1, 8), "12.5%");
  assert.equal(shareOf(0, 0), "");
});
