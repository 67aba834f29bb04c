import assert from "node:assert/strict";
import test from "node:test";
import { curvesOf } from "../../../../dashboard/dashboard/static/model/curves.js";
import {
  curvesDocument, curvesTable, fileName, rankingDocument, rankingTable, viewName,
} from "../../../../dashboard/dashboard/static/save/documents.js";

const AT_MS = 1_795_176_007_000;
const WINDOW = { ranking: /** @type {const} */ ("window"), source: null, lang: null, by: /** @type {const} */ ("posts") };
const leader = { rank: 1, previous_rank: 3, key: "música", label: "Música", posts: 30, posts_before: null, authors: 21 };
const shown = /** @type {any} */ ({
  view: { ...WINDOW, lang: "es" },
  from_ms: AT_MS - 297_000,
  to_ms: AT_MS,
  posts: 120,
  authors: 70,
  posts_before: 100,
  pane_seconds: 10,
  coverage: { from_ms: AT_MS - 100_000, missing_ms: 0 },
  sources: ["bluesky", "demo"],
  top: [
    { ...leader, first_seen_ms: AT_MS - 1_000, panes: [10, 20] },
    { ...leader, rank: 2, key: "x", label: "X", first_seen_ms: null, panes: null },
  ],
});
const tag = /** @type {any} */ ({
  key: "música",
  label: "Música",
  window: { rank: 1, posts: 30, share: 0.25, from_ms: AT_MS - 27_000, to_ms: AT_MS, counted_from_ms: 0, panes: [10, 15, 5] },
  total: { rank: 2, posts: 90 },
  first_seen_ms: null,
  history: [[AT_MS - 40_000, 7]],
  history_step_ms: 10_000,
});

test("a ranking has the displayed tags, with unformatted numbers and ISO 8601 times", () => {
  const document = rankingDocument(shown, 1, "paused");
  assert.deepEqual([document.saved, document.mode, document.posts, document.people], ["ranking", "paused", 120, 70]);
  assert.equal(document.to, "2026-11-20T12:00:07.000Z");
  assert.deepEqual(document.hashtags, [
    {
      rank: 1, previous_rank: 3, hashtag: "#Música", key: "música", posts: 30, people: 21, posts_before: null, share: 0.25,
      first_seen: "2026-11-20T12:00:06.000Z", panes: [10, 20],
    },
  ]);
});

test("the table has one row per tag, and each row names its view, window and sources", () => {
  const [header, , second] = rankingTable(rankingDocument(shown, 10, "live"));
  assert.deepEqual(Object.fromEntries(header.map((name, column) => [name, second[column]])), {
    rank: 2, hashtag: "#X", posts: 30, share: 0.25, posts_before: null, previous_rank: 3, first_seen: null,
    view: "window", source: null, lang: "es", from: "2026-11-20T11:55:10.000Z", to: "2026-11-20T12:00:07.000Z",
    sources: "bluesky demo", note: "made-up posts", counted_from: "2026-11-20T11:58:27.000Z",
    people: 21, ranked_by: "posts",
  });
});

test("curves have the closed panes of the window and the history", () => {
  const document = curvesDocument(curvesOf([tag], () => ({ colour: "", dash: "solid" })), ["x"]);
  assert.deepEqual(document.hashtags[0].window?.posts, 30);
  assert.deepEqual(curvesTable(document), [
    ["hashtag", "curve", "from", "seconds", "posts", "sources", "note"],
    ["#Música", "window", "2026-11-20T11:59:40.000Z", 9, 10, "x", null],
    ["#Música", "window", "2026-11-20T11:59:49.000Z", 9, 15, "x", null],
    ["#Música", "history", "2026-11-20T11:59:27.000Z", 10, 7, "x", null],
  ]);
});

test("a tag that is not in the window has only the history", () => {
  const document = curvesDocument(curvesOf([{ ...tag, window: null }], () => ({ colour: "", dash: "solid" })), null);
  assert.equal(document.hashtags[0].window, null);
  assert.equal(curvesTable(document).length, 2);
});

test("a file name has the content and the time", () => {
  assert.equal(fileName(viewName(WINDOW), AT_MS, "csv"), "hashtags-window-2026-11-20T1200Z.csv");
  assert.equal(viewName({ ...WINDOW, source: "bluesky" }), "window-source-bluesky");
  assert.equal(viewName({ ...WINDOW, lang: "es" }), "window-lang-es");
  assert.equal(viewName({ ...WINDOW, ranking: "total" }), "total");
  assert.equal(viewName({ ...WINDOW, lang: "es", by: "authors" }), "window-lang-es-by-people");
});

test("a file name has letters of every script and no character that a file system refuses", () => {
  assert.equal(fileName("東京-كأس/../a:b", AT_MS, "svg"), "hashtags-東京-كأس-a-b-2026-11-20T1200Z.svg");
  assert.equal(fileName("a".repeat(200), AT_MS, "svg").length, 9 + 60 + 21);
});
