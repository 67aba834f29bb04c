import assert from "node:assert/strict";
import test from "node:test";
import { archivePoints, archiveSummary } from "../../../../dashboard/dashboard/static/model/archive.js";

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
