import assert from "node:assert/strict";
import test from "node:test";
import { sparklinePaths } from "../../../../dashboard/dashboard/static/ui/sparkline.js";

globalThis.matchMedia = /** @type {any} */ (() => ({ matches: false, addEventListener() {} }));
const { markSizes, withGaps } = await import("../../../../dashboard/dashboard/static/panel/line_chart.js");

test("a sparkline goes from 0 at the bottom to the greatest value at the top", () => {
  assert.deepEqual(sparklinePaths([0, 5, 10]), {
    line: "M0 22.5L50 12L100 1.5",
    area: "M0 22.5L50 12L100 1.5L100 24L0 24Z",
  });
});

test("fewer than two values give no line; only zeros give a line at the bottom", () => {
  assert.equal(sparklinePaths([]).line, "");
  assert.equal(sparklinePaths([3]).line, "");
  assert.equal(sparklinePaths([0, 0]).line, "M0 22.5L100 22.5");
});

test("a curve has gaps where steps are missing, and a point without neighbours gets a mark", () => {
  const points = withGaps([[0, 1], [10, 2], [40, 3], [70, 4], [80, 5]], 10);
  assert.deepEqual(points, [[0, 1], [10, 2], [20, null], [40, 3], [50, null], [70, 4], [80, 5]]);
  assert.deepEqual(markSizes(points), [0, 0, 0, 5, 0, 0, 0]);
});
