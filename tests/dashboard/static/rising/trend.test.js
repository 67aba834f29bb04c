import assert from "node:assert/strict";
import test from "node:test";
import { trendPaths } from "../../../../dashboard/dashboard/static/rising/trend.js";

test("the curve and the band have one scale, with 0 at the bottom", () => {
  const { line, band } = trendPaths([0, 10], { lower: 0, upper: 5 });
  assert.equal(line, "M0 39L100 1");
  assert.equal(band, "M0 20H100V39H0Z");
});

test("a band above the curve is drawn whole", () => {
  const { line, band } = trendPaths([1, 1], { lower: 2, upper: 4 });
  assert.equal(band, "M0 1H100V20H0Z");
  assert.equal(line, "M0 29.5L100 29.5");
});

test("one pane makes no line", () => assert.equal(trendPaths([3], { lower: 0, upper: 1 }).line, ""));
