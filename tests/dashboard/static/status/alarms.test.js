import assert from "node:assert/strict";
import test from "node:test";
import { alarmsOf } from "../../../../dashboard/dashboard/static/status/alarms.js";

/** @param {string} name @param {object} changes @returns {any} */
const state = (name, changes = {}) => ({
  name, title: name, sentence: `It is ${name}.`, since_ms: null, stale: false, ...changes,
});
/** @param {string} name @param {string} is @param {object} facts */
const source = (name, is, facts = {}) => ({ name, state: is, error: null, facts });
/** @param {object[]} sources @param {object} changes @returns {any} */
const snapshot = (sources, changes = {}) => ({
  health: { relay: null, archive: null, ingest: { track_error: null, sources }, ...changes },
});
/** @param {any} state @param {any} snapshot */
const keys = (state, snapshot) => alarmsOf(state, snapshot).map(({ key }) => key);

test("harmless states are no alarms", () => {
  for (const name of ["live", "quiet", "starting", "paused", "finished"]) {
    assert.deepEqual(keys(state(name), snapshot([source("x", "live")])), []);
  }
});

test("the worst alarm comes first, and each comes once", () => {
  const sources = [source("a", "retrying"), source("b", "refused"), source("c", "live", { rules_error: "too long" })];
  const all = snapshot(sources, { relay: "Redis is away", archive: "the disk is full", ingest: { track_error: "line 1", sources } });
  assert.deepEqual(keys(state("behind"), all), ["refused b", "retrying a", "behind", "rules c", "track", "relay", "archive"]);
  const refused = state("refused", { sentence: "b rejected the connection: It gave no reason." });
  assert.deepEqual(keys(refused, snapshot([source("b", "refused")])), ["refused"]);
});

test("without new snapshots, or without ingest, there are no alarms of sources", () => {
  const sources = [source("b", "refused")];
  assert.deepEqual(keys(state("stopped", { stale: true }), snapshot(sources)), ["stopped"]);
  assert.deepEqual(keys(state("ingest-away"), snapshot(sources)), ["ingest-away"]);
  assert.deepEqual(keys(state("disconnected"), null), ["disconnected"]);
});
