import assert from "node:assert/strict";
import test from "node:test";
import { Playback } from "../../../../dashboard/dashboard/static/model/playback.js";

/** @param {number} seq @param {object | null} health @returns {any} */
const snapshot = (seq, health = {}) => ({ epoch: 1, seq, produced_at_ms: seq * 1000, health });

test("live mode displays the newest snapshot", () => {
  const playback = new Playback();
  assert.equal(playback.newer_count, 0);
  playback.receive(snapshot(1));
  playback.receive(snapshot(3));
  assert.equal(playback.displayed?.seq, 3);
  assert.equal(playback.mode, "live");
  assert.equal(playback.interval_ms, 2000);
});

test("a gap with missed snapshots does not count as the interval", () => {
  const playback = new Playback();
  for (const seq of [1, 2, 3600]) playback.receive(snapshot(seq));
  assert.equal(playback.interval_ms, 1000);
});

test("a pause freezes one snapshot and counts newer ones; going live resets the count", () => {
  const playback = new Playback();
  playback.receive(snapshot(1));
  playback.freeze(snapshot(1));
  for (const seq of [2, 3]) playback.receive(snapshot(seq));
  assert.deepEqual([playback.mode, playback.displayed?.seq, playback.newer_count], ["paused", 1, 2]);
  playback.goLive();
  assert.deepEqual([playback.mode, playback.displayed?.seq, playback.newer_count], ["live", 3, 0]);
});

test("the count of newer snapshots goes on when the viewer moves from one past time to another", () => {
  const playback = new Playback();
  playback.receive(snapshot(9));
  playback.freeze(snapshot(2, null));
  playback.receive(snapshot(10));
  playback.freeze(snapshot(1, null));
  assert.deepEqual([playback.mode, playback.newer_count], ["past", 1]);
});
