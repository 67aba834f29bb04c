import assert from "node:assert/strict";
import test from "node:test";
import { Playback } from "../../../../dashboard/dashboard/static/model/playback.js";

/** @param {number} seq @param {object | null} health @returns {any} */
const snapshot = (seq, health = {}) => ({ epoch: 1, seq, produced_at_ms: seq * 1000, health });

test("live shows the newest", () => {
  const playback = new Playback();
  assert.equal(playback.waiting, 0);
  playback.take(snapshot(1));
  playback.take(snapshot(3));
  assert.equal(playback.shown?.seq, 3);
  assert.equal(playback.mode, "live");
  assert.equal(playback.pace_ms, 2000);
});

test("a gap in which snapshots were missed is no pace", () => {
  const playback = new Playback();
  for (const seq of [1, 2, 3600]) playback.take(snapshot(seq));
  assert.equal(playback.pace_ms, 1000);
});

test("paused holds one and counts what waits; the release forgets it", () => {
  const playback = new Playback();
  playback.take(snapshot(1));
  playback.hold(snapshot(1));
  for (const seq of [2, 3]) playback.take(snapshot(seq));
  assert.deepEqual([playback.mode, playback.shown?.seq, playback.waiting], ["paused", 1, 2]);
  playback.release();
  assert.deepEqual([playback.mode, playback.shown?.seq, playback.waiting], ["live", 3, 0]);
});

test("from one moment of the past to another, what waits goes on counting", () => {
  const playback = new Playback();
  playback.take(snapshot(9));
  playback.hold(snapshot(2, null));
  playback.take(snapshot(10));
  playback.hold(snapshot(1, null));
  assert.deepEqual([playback.mode, playback.waiting], ["past", 1]);
});
