import assert from "node:assert/strict";
import test from "node:test";
import { isNewer } from "../../../../dashboard/dashboard/static/net/live_feed.js";

/** @param {number} epoch @param {number} seq @param {string} ranking @returns {any} */
const at = (epoch, seq, ranking = "window") => ({ epoch, seq, view: { ranking, source: null, lang: null } });

test("the snapshot with the greater epoch, then the greater seq, is newer", () => {
  assert.ok(isNewer(at(1, 1), null));
  assert.ok(isNewer(at(1, 2), at(1, 1)));
  assert.ok(isNewer(at(2, 1), at(1, 9)));
  assert.ok(!isNewer(at(1, 1), at(1, 1)));
  assert.ok(!isNewer(at(1, 9), at(2, 1)));
});

test("the same snapshot of another view counts as newer", () => {
  assert.ok(isNewer(at(1, 1, "total"), at(1, 1)));
});
