import assert from "node:assert/strict";
import test from "node:test";
import { coloursOf, isFull, toggle } from "../../../dashboard/dashboard/static/pins.js";

test("a pin goes in, and out again", () => {
  assert.deepEqual(toggle([], "a"), ["a"]);
  assert.deepEqual(toggle(["a", "b"], "a"), ["b"]);
});

test("a sixth pin is not taken", () => {
  const five = ["a", "b", "c", "d", "e"];
  assert.ok(isFull(five));
  assert.deepEqual(toggle(five, "f"), five);
});

test("each pin has the colour of its place", () => {
  assert.deepEqual([...coloursOf(["x", "y"], ["red", "blue"])], [["x", "red"], ["y", "blue"]]);
});
