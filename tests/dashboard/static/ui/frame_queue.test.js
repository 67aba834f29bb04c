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
const { FrameQueue } = await import("../../../../dashboard/dashboard/static/ui/frame_queue.js");

/** Run one frame. */
function frame() {
  const due = frames;
  frames = [];
  for (const callback of due) callback();
}

test("two jobs run per frame, none in the first; a later job of the same key replaces the earlier one", () => {
  const queue = new FrameQueue();
  /** @type {string[]} */
  const done = [];
  for (const key of ["a", "b", "c", "d"]) queue.add(key, () => done.push(key));
  queue.add("b", () => done.push("b again"));
  queue.remove("d");
  frame();
  assert.equal(done.length, 0);
  frame();
  assert.deepEqual(done, ["a", "b again"]);
  // A new job goes behind the waiting jobs.
  queue.add("a", () => done.push("a again"));
  frame();
  assert.deepEqual(done, ["a", "b again", "c", "a again"]);
  frame();
  assert.equal(frames.length, 0);
});

test("all jobs run at once on a flush, and without animations", () => {
  const queue = new FrameQueue();
  /** @type {string[]} */
  const done = [];
  for (const key of ["a", "b", "c"]) queue.add(key, () => done.push(key));
  queue.flush();
  assert.deepEqual(done, ["a", "b", "c"]);
  page.hidden = true;
  queue.add("d", () => done.push("d"));
  assert.deepEqual(done, ["a", "b", "c", "d"]);
});
