import assert from "node:assert/strict";
import test from "node:test";
import {
  detailsOf, findRising, heldBackReason, reasonOf, usualBand, whyNoTopic,
} from "../../../../dashboard/dashboard/static/model/rising.js";

const NOW_MS = new Date(2026, 10, 29, 14, 6).getTime();
const SINCE_MS = new Date(2026, 10, 29, 14, 2).getTime();
/** @param {object} [changes] @returns {any} */
const tag = (changes) => ({
  key: "k", label: "K", posts: 300, authors: 241, voices: 238, expected: 3.2, spread: 0.2, times: 12.1, score: 20,
  since_ms: SINCE_MS, copies: 0.02, source: "bluesky", source_part: 0.7, lang: "es", lang_part: 0.8, new: false,
  peak_voices: 0, peak_ms: null, panes: [1, 2], ...changes,
});
const reason = (/** @type {object} */ changes) => reasonOf(tag(changes), 300, NOW_MS);

test("the reason is one sentence made of the numbers", () => {
  assert.equal(reason({}), "12 times its usual 3 people in 5 minutes: 241 people, most in Spanish, since 14:02.");
  assert.equal(reason({ times: 2.43, expected: 1.2 }).slice(0, 43), "2.4 times its usual 1 person in 5 minutes: ");
});

test("the language is left out if less than half of the posts have it, or if it is not known", () => {
  const without = "12 times its usual 3 people in 5 minutes: 241 people, since 14:02.";
  assert.equal(reason({ lang_part: 0.5 }), without);
  assert.equal(reason({ lang: "und" }), without);
});

test("a rise that began on another day says which", () => {
  const since_ms = new Date(2026, 10, 28, 23, 58).getTime();
  assert.match(reason({ since_ms }), /, since 23:58 on 28 Nov\.$/);
});

test("a new tag and a tag that is rarely used have sentences of their own", () => {
  assert.equal(
    reason({ new: true, expected: 0.5, authors: 19 }),
    "Not seen before: 19 people in 5 minutes, most in Spanish, since 14:02.",
  );
  assert.equal(
    reason({ expected: 0.4, authors: 9, lang_part: 0 }), "Usually fewer than one person in 5 minutes, now 9 people, since 14:02.",
  );
});

test("the details are those that the sentence leaves out", () => {
  assert.deepEqual(detailsOf(tag(), NOW_MS), ["Known", "300 posts", "80% Spanish", "70% bluesky"]);
  const peak_ms = new Date(2026, 10, 29, 9, 30).getTime();
  assert.deepEqual(detailsOf(tag({ voices: 60, copies: 0.7, peak_voices: 120, peak_ms }), NOW_MS).slice(4), [
    "60 different texts", "70% copied texts", "Earlier peak: 120 people, 09:30",
  ]);
  assert.equal(detailsOf(tag({ new: true }), NOW_MS)[0], "300 posts");
});

test("what is held back has its reason", () => {
  const held = { key: "k", label: "K", posts: 2000, authors: 1, texts: 9, why: /** @type {const} */ ("few people") };
  assert.equal(heldBackReason(held), "2,000 posts, but only from 1 person.");
  assert.equal(heldBackReason({ ...held, authors: 400, texts: 1, why: "copies" }), "400 people, but only 1 different text.");
});

test("the band of what is usual is per pane, has two standard deviations, and does not go below 0", () => {
  const lengths = { pane_seconds: 10, window_seconds: 300 };
  const { mean, lower, upper } = usualBand({ expected: 300, spread: 0.2 }, lengths);
  assert.deepEqual([mean, lower.toFixed(3), upper.toFixed(3)], [10, "2.517", "17.483"]);
  assert.equal(usualBand({ expected: 3, spread: 0.2 }, lengths).lower, 0);
});

for (const [name, rising, mode, wanted] of /** @type {[string, any, any, RegExp | null][]} */ ([
  ["there are topics", { missing_ms: 0, topics: [{}] }, "live", null],
  ["nothing rises", { missing_ms: 0, topics: [] }, "live", /^Nothing rises now/],
  ["nothing rose then", { missing_ms: 0, topics: [] }, "past", /^Nothing was rising/],
  ["the baseline is missing", { missing_ms: 1_405_000, topics: [] }, "live", /counted for another 24 minutes/],
  ["little is missing", { missing_ms: 41_000, topics: [] }, "live", /counted for another 50 seconds/],
  ["the first list is missing", null, "live", /first 10 seconds are counted/],
  ["no list is stored", null, "past", /^No list is stored/],
])) {
  test(`if ${name}, the page says ${wanted ?? "nothing"}`, () => {
    const why = whyNoTopic(/** @type {any} */ ({ rising, pane_seconds: 10 }), mode);
    if (wanted === null) assert.equal(why, null);
    else assert.match(why ?? "", wanted);
  });
}

test("a tag is found in every topic", () => {
  const rising = /** @type {any} */ ({ topics: [{ tags: [tag()] }, { tags: [tag({ key: "a" }), tag({ key: "b" })] }] });
  assert.equal(findRising(rising, "b")?.key, "b");
  assert.equal(findRising(rising, "c"), null);
  assert.equal(findRising(null, "b"), null);
});
