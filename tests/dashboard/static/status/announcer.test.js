import assert from "node:assert/strict";
import test from "node:test";
import {
  ANNOUNCE_EVERY_MS, Announcer, risingSummaryOf, summaryOf,
} from "../../../../dashboard/dashboard/static/status/announcer.js";

/** @param {string[]} keys by rank */
const leaders = (...keys) =>
  keys.map((key, place) => ({
    rank: place + 1,
    previous_rank: null,
    key,
    label: key.toUpperCase(),
    posts: 100 - place,
    posts_before: null,
    first_seen_ms: null,
    panes: null,
    authors: null,
  }));
/** @param {string[]} keys by rank */
const ranks = (...keys) => new Map(keys.map((key, place) => [key, place + 1]));
const LIVE = { name: "live", title: "Live", sentence: "All is well.", since_ms: null, stale: false };

test("the first summary names the leader", () => {
  assert.equal(summaryOf(leaders("a", "b"), new Map()), "#A leads with 100 posts.");
});

test("later summaries have only what changed", () => {
  assert.equal(summaryOf(leaders("a", "b", "c"), ranks("a", "c", "b")), "");
  assert.equal(summaryOf(leaders("b", "a"), ranks("a", "b")), "#B leads with 100 posts.");
  assert.equal(summaryOf(leaders("a", "x", "y"), ranks("a", "b", "c")), "New among the leading hashtags: #X and #Y.");
  assert.equal(summaryOf(leaders("a", "e", "b", "c"), ranks("a", "b", "c", "d", "e")), "#E moved up to rank 2.");
  assert.equal(summaryOf([], ranks("a")), "No hashtags in this window.");
});

test("a topic that enters Rising is announced with its reason, several with their names", () => {
  const topic = (/** @type {string} */ key) => ({ key, label: key.toUpperCase(), reason: "12 times its usual 3 people." });
  assert.equal(risingSummaryOf([topic("a")], new Map()), "#A rises. 12 times its usual 3 people.");
  assert.equal(risingSummaryOf([topic("a"), topic("b"), topic("c")], ranks("a")), "New in Rising: #B and #C.");
  assert.equal(risingSummaryOf([topic("b"), topic("a")], ranks("a", "b")), "");
  assert.match(risingSummaryOf([], ranks("a")), /^Nothing rises now/);
  assert.equal(risingSummaryOf([], new Map()), "");
});

test("there is at most one announcement in ten seconds", () => {
  const element = /** @type {any} */ ({ textContent: "" });
  const announcer = new Announcer(element);
  announcer.update(leaders("a"), LIVE, "Last 5 minutes", 0);
  assert.equal(element.textContent, "Live. All is well. #A leads with 100 posts.");
  announcer.update(leaders("b"), LIVE, "Last 5 minutes", ANNOUNCE_EVERY_MS - 1);
  assert.match(element.textContent, /#A leads/);
  announcer.update(leaders("b"), LIVE, "Last 5 minutes", ANNOUNCE_EVERY_MS);
  assert.equal(element.textContent, "#B leads with 100 posts.");
});

test("an alert is announced with the next announcement, once", () => {
  const element = /** @type {any} */ ({ textContent: "" });
  const announcer = new Announcer(element);
  announcer.update(leaders("a"), LIVE, "Last 5 minutes", 0);
  for (const number of [1, 2, 3, 4]) announcer.addAlert(`Alert ${number}.`);
  announcer.update(leaders("a"), LIVE, "Last 5 minutes", ANNOUNCE_EVERY_MS - 1);
  assert.match(element.textContent, /#A leads/);
  announcer.update(leaders("b"), LIVE, "Last 5 minutes", ANNOUNCE_EVERY_MS);
  assert.equal(element.textContent, "Alert 2. Alert 3. Alert 4. #B leads with 100 posts.");
  announcer.update(leaders("c"), LIVE, "Last 5 minutes", 2 * ANNOUNCE_EVERY_MS);
  assert.equal(element.textContent, "#C leads with 100 posts.");
});
