import assert from "node:assert/strict";
import test from "node:test";
import { DEFAULT_VIEW } from "../../../../dashboard/dashboard/static/model/address.js";
import { sentencesOf } from "../../../../dashboard/dashboard/static/model/explained.js";
import { canRecount, formatNumber, groupOf, numberQuery } from "../../../../dashboard/dashboard/static/model/numbers.js";
import { words } from "../../../../dashboard/dashboard/static/i18n/messages.js";

const MOMENT = { epoch: 7, seq: 3, to_ms: 1_795_176_007_000, view: DEFAULT_VIEW };
/** @param {object} [changes] @param {object} [moment] @returns {any} */
const place = (changes, moment) => ({
  of: "posts", key: "a&b", other: null, label: "#A&B", moment: { ...MOMENT, ...moment }, ...changes,
});

test("a number is named by its snapshot, its view and its tag", () => {
  assert.equal(numberQuery(place()), "of=posts&key=a%26b&epoch=7&seq=3");
  const by_people = { ...DEFAULT_VIEW, lang: "es", by: "authors" };
  assert.equal(numberQuery(place({ of: "share" }, { view: by_people })),
    "of=share&key=a%26b&epoch=7&seq=3&view=window&lang=es&by=authors");
  assert.equal(numberQuery(place({ key: null }, { seq: null })), "of=posts&at_ms=1795176007000");
  assert.equal(numberQuery(place({ of: "pair_posts", other: "東京" })),
    "of=pair_posts&key=a%26b&other=%E6%9D%B1%E4%BA%AC&epoch=7&seq=3");
});

test("the last closed pane can be recounted, for numbers of the window of all posts", () => {
  assert.ok(canRecount(place()));
  assert.ok(!canRecount(place({ of: "total_posts" })));
  assert.ok(!canRecount(place({}, { view: { ...DEFAULT_VIEW, source: "x" } })));
});

test("a value is written as on the page", () => {
  const values = { posts: 1234, share: 0.1049, change: 0.24, taken_back_part: 0.41, rising_times: 12.04, batch_ms: 140 };
  const written = Object.entries(values);
  assert.deepEqual(written.map(([of, value]) => formatNumber(of, value, 0)), ["1,234", "10.5%", "+24%", "41%", "12", "140 ms"]);
});

test("each number has a name and a sentence, and a card offers the others of its group", () => {
  const { names, of_tag, of_all } = words.number;
  const starts = [["posts", "a"], ["rising_times", "a"], ["held_posts", "a"], ["pair_posts", "a"], ["posts", null],
    ["lag_posts", null], ["lost", null], ["accepted", null]];
  for (const [of, key] of starts) {
    const group = groupOf(place({ of, key }));
    assert.ok(group.includes(String(of)));
    for (const name of group) {
      assert.ok(names[name], name);
      assert.ok((key === null ? of_all : of_tag)[name], name);
    }
  }
});

test("the sentences say what is counted, when, from where, and what is missing", () => {
  /** @type {any} */
  const explained = {
    of: "rank", value: 3, from_ms: 0, to_ms: 300_000, source: null, lang: "es", sources: ["bluesky"], terms: [],
    languages: [], counted_until_offset: 1, lag_posts: 0, lost: 2, skipped: 1, dropped_tags: 0, dropped_posts: 0, muted: { tags: 3, hidden: 1 }, order: "posts",
    is_estimate: true,
  };
  const text = sentencesOf(explained, "#A").join("\n");
  for (const part of [
    "The place of #A in this list", "Sources: bluesky.", "Only posts in this language: Spanish.", "all posts are accepted",
    "Equal numbers are ordered", "the first 1 post of the log", "Lost: 2 posts, of which unreadable: 1.", "1 hashtag is muted",
    "an estimate",
  ]) assert.ok(text.includes(part), part);
  assert.ok(!text.includes("Dropped"));
  assert.ok(sentencesOf({ ...explained, of: "posts", order: null }, null)[0].startsWith("All posts"));
});
