import assert from "node:assert/strict";
import test from "node:test";
import { emptinessOf } from "../../../../dashboard/dashboard/static/board/empty_board.js";

/** @param {object} changes @returns {any} */
const shown = (changes = {}) => ({
  top: [], view: { ranking: "window", source: null, lang: null }, posts: 0, total: { posts: 50_000 }, ...changes,
});
/** @param {string} ranking @param {object} choice */
const view = (ranking, choice = {}) => ({ view: { ranking, source: null, lang: null, ...choice } });

test("where something is shown nothing is said", () => {
  assert.equal(emptinessOf(shown({ top: [{}] }), "live"), null);
});

for (const [name, changes, mode, text, label] of /** @type {any[]} */ ([
  ["a window that has passed leads to the totals", {}, "live", "No posts arrived in this window. Since start: 50,000 posts.", "Since start"],
  ["a window without hashtags, too", { posts: 3 }, "live", "No hashtags in this window. Since start: 50,000 posts.", "Since start"],
  ["a choice leads to all", view("window", { lang: "en" }), "live", "No hashtags match this filter.", "Show all posts"],
  ["a micro-batch leads to the window", view("batch"), "live", "No hashtags in the last batch.", "Show the last minutes"],
  ["totals lead nowhere", view("total"), "live", "Since start: 50,000 posts, none with a hashtag.", undefined],
  ["the past leads to now", { total: null }, "past", "No hashtags at that time.", "Back to live"],
  ["a pause as well", {}, "paused", "No hashtags at that time.", "Back to live"],
])) {
  test(name, () => {
    const emptiness = emptinessOf(shown(changes), mode);
    assert.deepEqual([emptiness?.text, emptiness?.step?.label], [text, label]);
  });
}

test("before anything is counted there is no step", () => {
  assert.equal(emptinessOf(shown({ total: { posts: 0 } }), "live")?.step, null);
});
