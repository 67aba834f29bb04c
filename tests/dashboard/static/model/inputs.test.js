import assert from "node:assert/strict";
import test from "node:test";
import { Dropped, none } from "../../../../dashboard/dashboard/static/model/inputs.js";

/** @param {object} changes @returns {any} */
const source = (changes = {}) => ({
  name: "x", terms: [], languages: [], accepted: 0, filtered: 0, duplicate: 0, malformed: {}, ...changes,
});

test("nothing is said of sources from which nothing came, or of which something is accepted", () => {
  assert.equal(none([]), null);
  assert.equal(none([source()]), null);
  assert.equal(none([source({ filtered: 9 }), source({ accepted: 1 })]), null);
});

test("the filter that is told is that of the sources that filter", () => {
  const filtering = [["en"], ["en", "es"]].map((languages) => source({ filtered: 1, languages }));
  const sources = [source({ terms: ["cats"] }), ...filtering];
  assert.equal(none(sources), "2 posts arrived, but none passed the filter (languages: en, es).");
  assert.equal(none([source({ filtered: 2 })]), "2 posts arrived, but none passed the filter.");
});

test("what was dropped is told from the newest counted post on, and from zero when a session begins again", () => {
  const dropped = new Dropped();
  /** @param {number} filtered @param {number | null} newest_at_ms @returns {any} */
  const snapshot = (filtered, newest_at_ms) => ({ health: { newest_at_ms, ingest: { sources: [source({ filtered })] } } });
  const steps = [[5, null, 0], [9, null, 4], [12, 1000, 0], [13, 1000, 1], [2, 1000, 0], [4, 1000, 2]];
  for (const [filtered, newest_at_ms, since] of steps) {
    dropped.note(snapshot(Number(filtered), newest_at_ms));
    assert.equal(dropped.since.filtered, since);
  }
});
