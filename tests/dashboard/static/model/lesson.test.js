import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import * as lesson from "../../../../dashboard/dashboard/static/model/lesson.js";

/** @typedef {import("../../../../dashboard/dashboard/static/model/types.js").Trace} Trace */

const FILE = new URL("../../support/lesson_trace.json", import.meta.url);
/** @type {Trace} */
const trace = JSON.parse(readFileSync(FILE, "utf8"));

test("the sample obeys the equations of the protocol", () => {
  for (const tag of trace.tags) {
    assert.equal(tag.pane_before + tag.batch_posts, tag.pane_after, tag.key);
    assert.equal(tag.panes.at(-1), tag.pane_after, tag.key);
    assert.equal(tag.panes.length, trace.closed_panes + 1, tag.key);
    assert.equal(tag.panes.reduce((sum, posts) => sum + posts), tag.window_after, tag.key);
    assert.equal(tag.window_before + lesson.batchPosts(tag) - tag.left, tag.window_after, tag.key);
  }
  assert.equal(trace.tasks.reduce((sum, { posts }) => sum + posts, 0), trace.posts);
});

test("the counts of a micro-batch are its ten leading tags, and tags without a post in it are not among them", () => {
  const counts = lesson.batchTags(trace).map((tag) => [tag.label, lesson.batchPosts(tag)]);
  assert.deepEqual(counts.slice(0, 5), [["WorldCup", 10], ["Messi", 8], ["football", 6], ["Fútbol", 4], ["Kickoff", 4]]);
  assert.equal(counts.length, 10);
  const [first] = trace.tags;
  const unused = { ...first, batch_posts: 0, batch_posts_closed: 0 };
  assert.deepEqual(lesson.batchTags({ ...trace, tags: [unused] }), []);
});

test("the list has the ranks of the page, and says who moved", () => {
  const moves = lesson.leadingTags(trace).map((tag) => [tag.rank_after, tag.label, lesson.ranksUp(tag)]);
  assert.deepEqual(moves.slice(0, 2), [[1, "WorldCup", 0], [2, "Messi", 0]]);
  assert.deepEqual(moves.slice(-2), [[9, "Kickoff", 1], [10, "VAR", "new"]]);
});

test("the panes are drawn of the leading tag that this micro-batch changed most", () => {
  assert.equal(lesson.drawnTag(trace)?.label, "WorldCup");
  const [first, ...others] = trace.tags;
  const quiet = { ...first, batch_posts: 0, batch_posts_closed: 0 };
  assert.equal(lesson.drawnTag({ ...trace, tags: [quiet, ...others] })?.label, "Messi");
  assert.equal(lesson.drawnTag({ ...trace, tags: [] }), null);
});

test("an executor has its own tasks, each at its place in time", () => {
  const [one, two] = lesson.executors(trace);
  assert.deepEqual([one.executor, one.tasks.map(({ process }) => process), one.posts], [1, [4242, 4243], 207]);
  assert.deepEqual([two.executor, two.host, two.posts], [2, "worker-b", 105]);
  assert.deepEqual(lesson.executors({ ...trace, tasks: [] }), []);
  const task = { ...trace.tasks[0], began_ms: 1010, ended_ms: 1020 };
  const other = { ...trace.tasks[0], began_ms: 1000, ended_ms: 1040 };
  assert.deepEqual(lesson.taskPlace(task, [task, other]), { from: 0.25, length: 0.25 });
});

test("a step that the trace does not have is left out", () => {
  assert.deepEqual(lesson.stepsOf(trace, ["plan", "count"]), [
    { stage: "plan", place: "driver", took_ms: 9 },
    { stage: "count", place: "executors", took_ms: 38 },
  ]);
  assert.deepEqual(lesson.stepsOf({ ...trace, stages: [] }, ["count"]), []);
});

test("newer micro-batches exist if the page has counted more posts", () => {
  const newest = (/** @type {number} */ offset, epoch = trace.epoch) => ({ epoch, health: { offset } });
  assert.equal(lesson.newerPosts(trace, newest(trace.end_offset + 700)), 700);
  assert.equal(lesson.newerPosts(trace, newest(trace.end_offset)), 0);
  assert.equal(lesson.newerPosts(trace, newest(trace.end_offset + 700, 1)), 0);
  assert.equal(lesson.newerPosts(trace, null), 0);
});
