import assert from "node:assert/strict";
import test from "node:test";
import { placeOver } from "../../../../dashboard/dashboard/static/status/banner_place.js";

const title = { left: 30, top: 20, right: 200, bottom: 50 };
const box = (/** @type {number} */ left, /** @type {number} */ top) => ({ left, top, right: left + 100, bottom: top + 40 });

test("the banner ends before the elements in the line of the title", () => {
  const others = [box(700, 16), box(600, 16), box(30, 70)];
  assert.deepEqual(placeOver(title, others, 1000, 20, 20), { height: 57, right: 407, lines: 2 });
});

test("the banner has the whole width if no element is beside the title", () => {
  assert.deepEqual(placeOver(title, [box(0, 60), box(300, 50)], 390, 20, 20), { height: 57, right: 0, lines: 2 });
});

test("hidden elements are ignored, and there is always one line", () => {
  const hidden = { left: 300, top: 0, right: 300, bottom: 0 };
  assert.deepEqual(placeOver(title, [hidden], 390, 20, 90), { height: 57, right: 0, lines: 1 });
});
