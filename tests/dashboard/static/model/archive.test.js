import assert from "node:assert/strict";
import test from "node:test";
import { archivePoints, archivedSnapshot, archiveSummary, sliderSteps } from "../../../../dashboard/dashboard/static/model/archive.js";

const HOUR_MS = 3_600_000;
const MIDNIGHT_MS = Date.UTC(2026, 10, 20);
const curve = (/** @type {number[]} */ counts, step_ms = HOUR_MS) => ({
  key: "rain",
  label: "Rain",
  step_ms,
  steps: counts.map((count, index) => /** @type {any} */ ([MIDNIGHT_MS + index * step_ms, count, null, 0])),
});

test("a curve has the posts of each step", () => {
  assert.deepEqual(archivePoints(curve([12, 0])), [[MIDNIGHT_MS, 12], [MIDNIGHT_MS + HOUR_MS, 0]]);
});

test("the sentence has the sum, and when there were most", () => {
  const days = archiveSummary(curve([1200, 34], 24 * HOUR_MS), MIDNIGHT_MS);
  assert.match(days, /^1,234 posts in the archive\. Most in one day \(UTC\): 1,200 posts, .*20/);
  assert.match(archiveSummary(curve([5, 7, 7]), MIDNIGHT_MS), /^19 posts in the archive\. Most in one hour: 7 posts, /);
  assert.equal(archiveSummary(curve([0, 0]), MIDNIGHT_MS), "No hour of the archive has this hashtag.");
});

const DAY_MS = 24 * HOUR_MS;
const NOW_MS = MIDNIGHT_MS + 30 * DAY_MS + 90 * 60_000;

test("the slider has the archived hours of the last 7 days, also those between that are not archived", () => {
  const old = /** @type {[number, number]} */ ([MIDNIGHT_MS, 1]);
  const first_ms = MIDNIGHT_MS + 29 * DAY_MS;
  /** @type {[number, number][]} */
  const hours = [old, [first_ms, 5], [first_ms + HOUR_MS, 7], [first_ms + 4 * HOUR_MS, 11]];
  assert.deepEqual(sliderSteps(hours, "hour", NOW_MS), {
    ...{ min_ms: first_ms, max_ms: first_ms + 5 * HOUR_MS, step_ms: HOUR_MS, posts: [5, 7, 0, 0, 11] },
  });
});

test("the slider has the days of the last 30, each with the sum of its hours, and today too", () => {
  const first_ms = MIDNIGHT_MS + 29 * DAY_MS;
  /** @type {[number, number][]} */
  const hours = [[MIDNIGHT_MS, 1], [first_ms + HOUR_MS, 5], [first_ms + 23 * HOUR_MS, 7], [first_ms + DAY_MS, 11]];
  assert.deepEqual(sliderSteps(hours, "day", NOW_MS), {
    ...{ min_ms: first_ms, max_ms: first_ms + 2 * DAY_MS, step_ms: DAY_MS, posts: [12, 11] },
  });
});

test("without an archived hour the slider has no steps", () => {
  assert.equal(sliderSteps([], "hour", NOW_MS), null);
  assert.equal(sliderSteps([[MIDNIGHT_MS, 1]], "day", NOW_MS), null);
});

test("an hour of the archive is a snapshot of the past, in which all posts are not known", () => {
  const tag = { key: "rain", label: "Rain", posts: 12, authors: 7, taken_back: 1 };
  const leaders = { from_ms: MIDNIGHT_MS, to_ms: MIDNIGHT_MS + DAY_MS, hours: 22, top: [tag] };
  const { archived, health, posts, from_ms, to_ms, window_seconds, coverage, top } = archivedSnapshot(leaders, "day");
  assert.deepEqual([archived, health, posts], [{ step: "day", hours: 22 }, null, 0]);
  assert.deepEqual([from_ms, to_ms, window_seconds], [MIDNIGHT_MS, MIDNIGHT_MS + DAY_MS, 86_400]);
  assert.deepEqual(coverage, { from_ms: MIDNIGHT_MS, missing_ms: 2 * HOUR_MS });
  assert.deepEqual(top.map(({ rank, key, label, posts, authors }) => [rank, key, label, posts, authors]), [[1, "rain", "Rain", 12, 7]]);
});
