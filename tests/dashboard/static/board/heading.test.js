import assert from "node:assert/strict";
import test from "node:test";
import { curveSeconds, rankingTitle } from "../../../../dashboard/dashboard/static/board/heading.js";

const TO_MS = 1_795_176_007_000;
/** @param {number} counted_seconds @param {object} [changes] */
const snapshot = (counted_seconds, changes) => /** @type {any} */ ({
  view: { ranking: "window", source: null, lang: null },
  from_ms: TO_MS - 297_000, to_ms: TO_MS, window_seconds: 300, pane_seconds: 10,
  coverage: { from_ms: TO_MS - Math.min(297, counted_seconds) * 1000, missing_ms: 0 },
  ...changes,
});

for (const [seconds, name, curve] of /** @type {[number, string, number][]} */ ([
  [0, "First seconds so far (window: 5 min)", 10],
  [9.9, "First seconds so far (window: 5 min)", 10],
  [10, "Last 10 seconds so far (window: 5 min)", 10],
  [33, "Last 30 seconds so far (window: 5 min)", 30],
  [59, "Last 50 seconds so far (window: 5 min)", 50],
  [61, "Last 60 seconds so far (window: 5 min)", 60],
  [119, "Last 60 seconds so far (window: 5 min)", 60],
  [120, "Last 2 minutes so far (window: 5 min)", 120],
  [289, "Last 4 minutes so far (window: 5 min)", 240],
  [297, "Last 5 minutes", 300],
  [9_000, "Last 5 minutes", 300],
])) {
  test(`after ${seconds} s the title is "${name}"`, () => {
    assert.equal(rankingTitle(snapshot(seconds), "live"), name);
    assert.equal(curveSeconds(snapshot(seconds)), curve);
  });
}

test("the title of a short window does not change while the open pane fills", () => {
  for (const to_ms of [TO_MS, TO_MS + 1_000, TO_MS + 2_999]) {
    const from_ms = TO_MS - 57_000;
    const name = rankingTitle(snapshot(0, { from_ms, to_ms, window_seconds: 60, coverage: { from_ms, missing_ms: 0 } }), "live");
    assert.equal(name, "Last 60 seconds");
  }
});

test("a ranking by people says that each has one vote", () => {
  const view = { ranking: "window", source: null, lang: null, by: "authors" };
  assert.equal(rankingTitle(snapshot(300, { view }), "live"), "Last 5 minutes, one vote each");
});

test("Rising has its name as the title", () => {
  const view = { ranking: "rising", source: null, lang: null, by: "posts" };
  assert.equal(rankingTitle(snapshot(300, { view }), "live"), "Rising");
  assert.equal(rankingTitle(snapshot(300, { view }), "past"), "Rising, in the past");
});

test("the title of a past window has its length", () => {
  assert.equal(rankingTitle(snapshot(300), "past"), "5 min in the past");
  assert.equal(rankingTitle(snapshot(50), "past"), "50 s in the past");
});
