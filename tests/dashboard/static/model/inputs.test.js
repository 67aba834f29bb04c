import assert from "node:assert/strict";
import test from "node:test";
import { DroppedInputs, whyNoneAccepted } from "../../../../dashboard/dashboard/static/model/inputs.js";

/** @param {object} changes @returns {any} */
const source = (changes = {}) => ({
  name: "x", terms: [], languages: [], accepted: 0, filtered: 0, duplicate: 0, malformed: {}, ...changes,
});

test("there is no sentence if no input came, or if any was accepted", () => {
  assert.equal(whyNoneAccepted([]), null);
  assert.equal(whyNoneAccepted([source()]), null);
  assert.equal(whyNoneAccepted([source({ filtered: 9 }), source({ accepted: 1 })]), null);
});

test("the sentence names the filter of those sources that dropped posts by it", () => {
  const filtering = [["en"], ["en", "es"]].map((languages) => source({ filtered: 1, languages }));
  const sources = [source({ terms: ["cats"] }), ...filtering];
  assert.equal(whyNoneAccepted(sources), "2 posts arrived, but none passed the filter (languages: en, es).");
  assert.equal(whyNoneAccepted([source({ filtered: 2 })]), "2 posts arrived, but none passed the filter.");
});

test("drops are counted since the newest counted post, and from zero in a new session", () => {
  const dropped = new DroppedInputs();
  /** @param {number} filtered @param {number | null} newest_at_ms @returns {any} */
  const snapshot = (filtered, newest_at_ms) => ({ health: { newest_at_ms, ingest: { sources: [source({ filtered })] } } });
  const steps = [[5, null, 0], [9, null, 4], [12, 1000, 0], [13, 1000, 1], [2, 1000, 0], [4, 1000, 2]];
  for (const [filtered, newest_at_ms, since] of steps) {
    dropped.update(snapshot(Number(filtered), newest_at_ms));
    assert.equal(dropped.since_start.filtered, since);
  }
});
