import assert from "node:assert/strict";
import test from "node:test";
import { stepOf } from "../../../../dashboard/dashboard/static/status/startup_steps.js";

const NONE = { accepted: 0, filtered: 0, duplicate: 0, malformed: {} };

/** @param {number | null} newest_at_ms @param {string} state @param {boolean} reachable */
const newest = (newest_at_ms, state = "live", reachable = true, counts = NONE) =>
  /** @type {any} */ ({ health: { newest_at_ms, ingest: { reachable, sources: [{ state, ...counts }] } } });

test("the steps follow one another", () => {
  assert.equal(stepOf(null, "connecting"), 0);
  assert.equal(stepOf(null, "lost"), 0);
  assert.equal(stepOf(null, "connected"), 1);
  assert.equal(stepOf(newest(null), "connected"), 2);
  assert.equal(stepOf(newest(null, "waiting"), "connected"), 2);
  assert.equal(stepOf(newest(5), "connected"), 3);
});

test("if no post can come, the steps are done: the strip says why", () => {
  for (const state of ["refused", "retrying", "paused", "finished"]) {
    assert.equal(stepOf(newest(null, state), "connected"), 3, state);
  }
  assert.equal(stepOf(newest(null, "live", false), "connected"), 3);
  assert.equal(stepOf(newest(null, "live", true, { ...NONE, filtered: 9 }), "connected"), 3);
});
