import assert from "node:assert/strict";
import test from "node:test";
import { risingDocument, risingTable } from "../../../../dashboard/dashboard/static/save/rising_documents.js";

const AT_MS = 1_795_176_000_000;
const tag = {
  key: "k", label: "K", posts: 52, authors: 38, voices: 36, expected: 3, spread: 0.2, times: 12, score: 24.5,
  since_ms: AT_MS - 60_000, copies: 0.1, source: "demo", source_part: 1, lang: "es", lang_part: 0.8, new: false,
  peak_voices: 19, peak_ms: AT_MS - 3_600_000, panes: [1, 2],
};
const snapshot = /** @type {any} */ ({
  from_ms: AT_MS - 290_000, to_ms: AT_MS + 3_000, posts: 900, authors: 500, pane_seconds: 10, window_seconds: 300,
  sources: ["demo"],
  rising: {
    at_ms: AT_MS,
    missing_ms: 0,
    topics: [{ tags: [tag, { ...tag, key: "l", label: "L", new: true, peak_ms: null }] }],
    held_back: [{ key: "b", label: "B", posts: 2000, authors: 2, texts: 1800, why: "few people" }],
  },
});

test("the document has the list and what is held back", () => {
  const document = risingDocument(snapshot, "live");
  assert.deepEqual([document.saved, document.at, document.people], ["rising", "2026-11-20T12:00:00.000Z", 500]);
  const [[first, second]] = document.topics;
  assert.deepEqual([first.hashtag, first.people, first.since], ["#K", 38, "2026-11-20T11:59:00.000Z"]);
  assert.deepEqual(first.earlier_peak, { voices: 19, at: "2026-11-20T11:00:00.000Z" });
  assert.equal(second.earlier_peak, null);
  assert.deepEqual(document.held_back, [
    { hashtag: "#B", key: "b", posts: 2000, people: 2, texts: 1800, why: "few people" },
  ]);
});

test("the table has one row per tag, then those that are held back, and each row has all columns", () => {
  const [header, ...rows] = risingTable(risingDocument(snapshot, "live"));
  const named = rows.map((row) => Object.fromEntries(header.map((name, column) => [name, row[column]])));
  assert.ok(rows.every((row) => row.length === header.length));
  assert.deepEqual(named.map(({ topic, hashtag, people, posts, new: is_new, held_back }) =>
    [topic, hashtag, people, posts, is_new, held_back]), [
    [1, "#K", 38, 52, "false", null],
    [1, "#L", 38, 52, "true", null],
    [null, "#B", 2, 2000, null, "few people"],
  ]);
  assert.deepEqual([named[0].times, named[0].lang, named[2].texts, named[2].note], [12, "es", 1800, "made-up posts"]);
});
