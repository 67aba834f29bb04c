import assert from "node:assert/strict";
import test from "node:test";

/** @type {(() => void)[]} */
let frames = [];
const page = { hidden: false };
Object.assign(globalThis, {
  document: page,
  matchMedia: () => ({ matches: false, addEventListener: () => undefined }),
  requestAnimationFrame: (/** @type {() => void} */ callback) => frames.push(callback),
});
const { Later } = await import("../../../../dashboard/dashboard/static/ui/frame_queue.js");

/** One frame of the browser. */
function frame() {
  const due = frames;
  frames = [];
  for (const callback of due) callback();
}

test("two jobs a frame, none in the first, each in its turn and as it was last asked for", () => {
  const later = new Later();
  /** @type {string[]} */
  const done = [];
  for (const name of ["a", "b", "c", "d"]) later.add(name, () => done.push(name));
  later.add("b", () => done.push("b again"));
  later.drop("d");
  frame();
  assert.equal(done.length, 0);
  frame();
  assert.deepEqual(done, ["a", "b again"]);
  // What comes while others wait goes behind them.
  later.add("a", () => done.push("a again"));
  frame();
  assert.deepEqual(done, ["a", "b again", "c", "a again"]);
  frame();
  assert.equal(frames.length, 0);
});

test("all at once where it must be, or where nobody sees anything move", () => {
  const later = new Later();
  /** @type {string[]} */
  const done = [];
  for (const name of ["a", "b", "c"]) later.add(name, () => done.push(name));
  later.flush();
  assert.deepEqual(done, ["a", "b", "c"]);
  page.hidden = true;
  later.add("d", () => done.push("d"));
  assert.deepEqual(done, ["a", "b", "c", "d"]);
});
