import assert from "node:assert/strict";
import test from "node:test";
import { TagWidth } from "../../../../dashboard/dashboard/static/board/tag_width.js";

const width = () => new TagWidth((text) => text.length);

test("the column is as wide as the longest tag, in steps", () => {
  assert.equal(width().of(["abc", "abcdefgh"], 0), 10);
  assert.equal(width().of(["abcdefg"], 0), 10);
  assert.equal(width().of([], 0), 2);
});

test("a long tag that has left counts for a minute, in both directions of time", () => {
  const column = width();
  assert.equal(column.of(["a".repeat(30), "b"], 0), 32);
  assert.equal(column.of(["b"], 60_000), 32);
  assert.equal(column.of(["b"], 60_001), 4);
  assert.equal(column.of(["c"], -60_000), 4);
});
