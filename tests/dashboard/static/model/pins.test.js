import assert from "node:assert/strict";
import test from "node:test";
import { coloursOf, isFull, pinnedKeys, toggle } from "../../../../dashboard/dashboard/static/model/pins.js";

test("a toggle pins a tag, and a second toggle unpins it", () => {
  assert.deepEqual(toggle([], "a"), ["a"]);
  assert.deepEqual(toggle(["a"], "a"), []);
});

test("a removed pin leaves its place free, and the others stay at their places", () => {
  assert.deepEqual(toggle(["a", "b", "c"], "a"), [null, "b", "c"]);
  assert.deepEqual(toggle([null, "b", "c"], "c"), [null, "b"]);
  assert.deepEqual(toggle([null, "b"], "b"), []);
  assert.deepEqual(toggle([null, "b", "c"], "d"), ["d", "b", "c"]);
  assert.deepEqual(pinnedKeys([null, "b", null, "c"]), ["b", "c"]);
});

test("a sixth pin is ignored", () => {
  const five = ["a", "b", "c", "d", "e"];
  assert.ok(isFull(five));
  assert.deepEqual(toggle(five, "f"), five);
  assert.ok(!isFull([null, "b", "c", "d", "e"]));
});

test("each pin has the colour of its place", () => {
  assert.deepEqual([...coloursOf(["x", null, "y"], ["red", "blue", "green"])], [["x", "red"], ["y", "green"]]);
});
