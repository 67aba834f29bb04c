/** The third and the fourth stage of the lesson: the executors count, and the driver adds the counts to the open pane. */

import { batchPosts, batchTags, executors, taskPlace } from "../model/lesson.js";
import { count, posts, range, shortDuration } from "../i18n/format.js";
import { make, setStyle } from "../ui/dom.js";
import { bar, oneByOne, stepTexts, table, tagName } from "./parts.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/types.js").Trace} Trace */
/** @typedef {import("../model/types.js").TraceTask} TraceTask */

const texts = words.lesson;
/** Of an executor with many tasks, the first are drawn. */
const MAX_TASKS = 4;

/** The executors with their tasks, and beside them what they counted. @param {Trace} trace */
export function showCounts(trace) {
  const boxes = executors(trace).map((executor) => executorBox(executor, trace.tasks));
  const tags = batchTags(trace);
  const most = Math.max(1, ...tags.map(batchPosts));
  const rows = tags.map((tag) => [tagName(tag.label), bar(["added", batchPosts(tag) / most]), count(batchPosts(tag))]);
  const counted = make("section", "lesson-counted", make("h4", "", texts.counts),
    rows.length ? table("counts", [words.page.hashtag, "", words.page.posts], rows) : make("p", "", texts.no_tags));
  const left = make("div", "lesson-executors", ...oneByOne(boxes));
  if (boxes.length === 0) left.append(make("p", "", texts.no_task));
  const tasks = trace.tasks.length === 1 ? texts.one_task : texts.tasks(count(trace.tasks.length), trace.tasks.length);
  const facts = [tasks, ...stepTexts(trace, ["plan", "count"])];
  return { facts, drawing: [make("div", "lesson-two", left, counted)] };
}

/**
 * @param {ReturnType<typeof executors>[number]} executor
 * @param {TraceTask[]} all tasks of the micro-batch
 */
function executorBox({ executor, host, tasks }, all) {
  const rows = tasks.slice(0, MAX_TASKS).map((task) => {
    const { from, length } = taskPlace(task, all);
    const track = bar(["task", length]);
    setStyle(track, "--from", String(from));
    const offsets = texts.offsets(count(task.first_offset), count(task.end_offset - 1));
    const took = texts.process(String(task.process), shortDuration(task.ended_ms - task.began_ms));
    return make("li", "", make("strong", "", posts(task.posts)), ` · ${offsets} · ${took}`, track);
  });
  const more = tasks.length - rows.length;
  if (more > 0) rows.push(make("li", "", `+ ${texts.tasks(count(more), more)}`));
  return make("section", "lesson-executor",
    make("h4", "", texts.executor(count(executor)), " ", make("small", "", host)),
    make("ul", "", ...rows));
}

/** What was in the open pane + this micro-batch = what is in it now. @param {Trace} trace */
export function showPane(trace) {
  const { pane } = trace;
  const tags = batchTags(trace);
  const most = Math.max(1, ...tags.map(({ pane_after }) => pane_after));
  const rows = tags.map(({ label, pane_before, batch_posts, pane_after }) => [
    ...[tagName(label), bar(["before", pane_before / most], ["added", batch_posts / most])],
    ...[count(pane_before), plus(batch_posts), equals(pane_after)],
  ]);
  const heads = [words.page.hashtag, "", texts.pane_before, texts.this_batch, texts.pane_after];
  const late = tags.reduce((sum, { batch_posts_closed }) => sum + batch_posts_closed, 0);
  const facts = [texts.open_pane(range(pane.from_ms, pane.to_ms, pane.to_ms, true)), ...stepTexts(trace, ["store"])];
  if (late) facts.push(texts.closed_late(count(late), late));
  return { facts, drawing: [rows.length ? table("sums", heads, rows) : make("p", "", texts.no_tags)] };
}

/** @param {number} value */
export const plus = (value) => make("span", "lesson-plus", `+ ${count(value)}`);

/** @param {number} value */
export const equals = (value) => make("strong", "", `= ${count(value)}`);
