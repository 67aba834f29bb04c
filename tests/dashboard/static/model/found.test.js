import assert from "node:assert/strict";
import test from "node:test";
import { foundFact, nextOption } from "../../../../dashboard/dashboard/static/model/found.js";

const TAG = { key: "a", label: "A", window_posts: 0, window_rank: null, total_posts: 0, first_seen_ms: null, in_history: true };

test("a found tag has its posts and rank in the window, its posts since start, or a place in the history", () => {
  assert.equal(foundFact({ ...TAG, window_posts: 12, window_rank: 431, total_posts: 90 }), "12 posts in the window, rank 431");
  assert.equal(foundFact({ ...TAG, window_posts: 1, window_rank: 2000, total_posts: 1 }), "1 post in the window, rank 2,000");
  assert.equal(foundFact({ ...TAG, total_posts: 1234 }), "1,234 posts since start");
  assert.equal(foundFact(TAG), "in the last 24 hours");
});

test("the arrow keys move through the options and the field, and around", () => {
  const walk = (/** @type {"ArrowDown" | "ArrowUp"} */ key) => {
    let active = -1;
    return Array.from({ length: 5 }, () => (active = nextOption(active, key, 3)));
  };
  assert.deepEqual(walk("ArrowDown"), [0, 1, 2, -1, 0]);
  assert.deepEqual(walk("ArrowUp"), [2, 1, 0, -1, 2]);
});
