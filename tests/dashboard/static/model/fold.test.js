import assert from "node:assert/strict";
import test from "node:test";
import { foldTopics } from "../../../../dashboard/dashboard/static/model/fold.js";

/** @param {string} keys @returns {any[]} */
const tags = (keys) => [...keys].map((key, index) => ({ key, rank: index + 1 }));
const TOPICS = [["c", "a"], ["d", "e", "x"]];
/** @param {string[]} opened @param {string[][] | null} [topics] */
const folded = (opened, topics = TOPICS) => foldTopics(tags("abcdef"), topics, new Set(opened));

test("one row for each topic, with the rank of its first tag and the number of the others", () => {
  assert.deepEqual(folded([]).map(({ key, rank, others = 0 }) => [key, rank, others]), [
    ["a", 1, 1], ["b", 2, 0], ["d", 4, 1], ["f", 6, 0],
  ]);
});

test("the others of an opened topic follow its first tag", () => {
  assert.deepEqual(folded(["d"]).map(({ key, is_open = null, is_member = false }) => [key, is_open, is_member]), [
    ["a", false, false], ["b", null, false], ["d", true, false], ["e", null, true], ["f", null, false],
  ]);
});

test("without topics nothing is folded, and a topic of which one tag leads is no topic", () => {
  assert.deepEqual(folded([], null), tags("abcdef"));
  assert.deepEqual(folded([], [["a", "x"]]), tags("abcdef"));
});
