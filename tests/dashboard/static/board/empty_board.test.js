import assert from "node:assert/strict";
import test from "node:test";
import { emptyMessage } from "../../../../dashboard/dashboard/static/board/empty_board.js";

/** @param {object} changes @returns {any} */
const snapshot = (changes = {}) => ({
  top: [], view: { ranking: "window", source: null, lang: null }, posts: 0, total: { posts: 50_000 }, ...changes,
});
/** @param {string} ranking @param {object} choice */
const view = (ranking, choice = {}) => ({ view: { ranking, source: null, lang: null, ...choice } });

test("a board with tags has no message", () => {
  assert.equal(emptyMessage(snapshot({ top: [{}] }), "live"), null);
});

for (const [name, changes, mode, text, label] of /** @type {any[]} */ ([
  ["a window without posts leads to the totals", {}, "live", "No posts arrived in this window. Since start: 50,000 posts.", "Since start"],
  ["so does a window without hashtags", { posts: 3 }, "live", "No hashtags in this window. Since start: 50,000 posts.", "Since start"],
  ["a filter leads to all posts", view("window", { lang: "en" }), "live", "No hashtags match this filter.", "Show all posts"],
  ["a micro-batch leads to the window", view("batch"), "live", "No hashtags in the last batch.", "Show the last minutes"],
  ["totals have no button", view("total"), "live", "Since start: 50,000 posts, none with a hashtag.", undefined],
  ["a time of the history leads to live", { total: null }, "past", "No hashtags at that time.", "Back to live"],
  ["so does a pause", {}, "paused", "No hashtags at that time.", "Back to live"],
])) {
  test(name, () => {
    const message = emptyMessage(snapshot(changes), mode);
    assert.deepEqual([message?.text, message?.action?.label], [text, label]);
  });
}

test("Rising has sentences of its own", () => {
  assert.equal(emptyMessage(snapshot(view("rising")), "live"), null);
});

test("before any post is counted there is no button", () => {
  assert.equal(emptyMessage(snapshot({ total: { posts: 0 } }), "live")?.action, null);
});
