import assert from "node:assert/strict";
import test from "node:test";
import { coloursOf, isFull, pinned, toggle } from "../../../../dashboard/dashboard/static/model/pins.js";

test("a pin goes in, and out again", () => {
  assert.deepEqual(toggle([], "a"), ["a"]);
  assert.deepEqual(toggle(["a"], "a"), []);
});

test("one that is taken out leaves its place free, and the others at theirs", () => {
  assert.deepEqual(toggle(["a", "b", "c"], "a"), [null, "b", "c"]);
  assert.deepEqual(toggle([null, "b", "c"], "c"), [null, "b"]);
  assert.deepEqual(toggle([null, "b"], "b"), []);
  assert.deepEqual(toggle([null, "b", "c"], "d"), ["d", "b", "c"]);
  assert.deepEqual(pinned([null, "b", null, "c"]), ["b", "c"]);
});

test("a sixth pin is not taken", () => {
  const five = ["a", "b", "c", "d", "e"];
  assert.ok(isFull(five));
  assert.deepEqual(toggle(five, "f"), five);
  assert.ok(!isFull([null, "b", "c", "d", "e"]));
});

test("each pin has the colour of its place", () => {
  assert.deepEqual([...coloursOf(["x", null, "y"], ["red", "blue", "green"])], [["x", "red"], ["y", "green"]]);
});
