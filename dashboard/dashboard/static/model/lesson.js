/** The lesson: what happened in one micro-batch, in six stages. Pure. */

/** @typedef {import("./types.js").Trace} Trace */
/** @typedef {import("./types.js").TraceTag} TraceTag */
/** @typedef {import("./types.js").TraceTask} TraceTask */
/** @typedef {"posts" | "tags" | "count" | "pane" | "window" | "top"} StageName */
/** @typedef {"ingest" | "executors" | "driver" | "dashboard"} Place */

/**
 * The stages in their order. `places`: where the stage runs. `steps`: its steps in the trace.
 * @type {{name: StageName, places: Place[], steps: string[]}[]}
 */
export const STAGES = [
  { name: "posts", places: ["ingest"], steps: ["accept"] },
  { name: "tags", places: ["ingest"], steps: ["accept"] },
  { name: "count", places: ["executors"], steps: ["plan", "count"] },
  { name: "pane", places: ["driver"], steps: ["store"] },
  { name: "window", places: ["driver"], steps: ["store"] },
  { name: "top", places: ["driver", "dashboard"], steps: ["rank", "push", "show"] },
];
/** A list has no more rows: from the last row of a class nobody can read more. */
export const MAX_TAGS = 10;

/** All posts of this micro-batch with the tag. @param {TraceTag} tag */
export const batchPosts = ({ batch_posts, batch_posts_closed }) => batch_posts + batch_posts_closed;

/** The leading tags of this micro-batch. @param {Trace} trace */
export function batchTags({ tags }) {
  const used = tags.filter((tag) => batchPosts(tag) > 0);
  return used.sort((one, other) => batchPosts(other) - batchPosts(one) || order(one, other)).slice(0, MAX_TAGS);
}

/** The leading tags of the window after this micro-batch, by rank. @param {Trace} trace */
export function leadingTags({ tags }) {
  const ranked = tags.flatMap((tag) => (tag.rank_after === null ? [] : [{ ...tag, rank_after: tag.rank_after }]));
  return ranked.sort((one, other) => one.rank_after - other.rank_after).slice(0, MAX_TAGS);
}

/**
 * The tag whose panes are drawn: of the leading ones, that with the most posts in this micro-batch. Null without tags.
 *
 * @param {Trace} trace @returns {TraceTag | null}
 */
export function drawnTag(trace) {
  const [first = null, ...others] = leadingTags(trace);
  return others.reduce((most, tag) => (most === null || batchPosts(tag) > batchPosts(most) ? tag : most), first);
}

/** How many ranks a tag moved up; "new" if it had none. @param {TraceTag} tag @returns {number | "new"} */
export const ranksUp = ({ rank_before, rank_after }) =>
  rank_before === null ? "new" : rank_before - (rank_after ?? rank_before);

/** The tags of the displayed posts: how many different ones. @param {Trace} trace */
export const tagsOfShownPosts = ({ posts_shown }) =>
  new Set(posts_shown.flatMap(({ tags }) => tags.map(({ key }) => key))).size;

/** All dropped posts. @param {Trace} trace */
export const droppedPosts = ({ dropped_counts: { filtered, duplicate, malformed } }) => filtered + duplicate + malformed;

/**
 * The executors that counted, each with its tasks.
 *
 * @param {Trace} trace
 * @returns {{executor: number, host: string, posts: number, tasks: TraceTask[]}[]} by number
 */
export function executors({ tasks }) {
  const numbers = [...new Set(tasks.map(({ executor }) => executor))].sort((one, other) => one - other);
  return numbers.map((executor) => {
    const own = tasks.filter((task) => task.executor === executor);
    const posts = own.reduce((sum, task) => sum + task.posts, 0);
    return { executor, host: own[0].host, posts, tasks: own };
  });
}

/**
 * Where a task is between the first start and the last end of all tasks.
 *
 * @param {TraceTask} task @param {TraceTask[]} tasks all of them @returns {{from: number, length: number}} parts from 0 to 1
 */
export function taskPlace(task, tasks) {
  const first_ms = Math.min(...tasks.map(({ began_ms }) => began_ms));
  const whole_ms = Math.max(1, Math.max(...tasks.map(({ ended_ms }) => ended_ms)) - first_ms);
  return { from: (task.began_ms - first_ms) / whole_ms, length: (task.ended_ms - task.began_ms) / whole_ms };
}

/**
 * The steps of a stage that the trace has, each with its duration.
 *
 * @param {Trace} trace @param {string[]} names
 */
export function stepsOf({ stages }, names) {
  const own = stages.filter(({ stage }) => names.includes(stage));
  return own.map(({ stage, place, began_ms, ended_ms }) => ({ stage, place, took_ms: Math.max(0, ended_ms - began_ms) }));
}

/**
 * How many posts were counted after this micro-batch: newer micro-batches exist if there are any.
 *
 * @param {Trace} trace @param {{epoch: number, health: {offset: number}} | null} newest the newest snapshot
 */
export const newerPosts = ({ epoch, end_offset }, newest) =>
  newest === null || newest.epoch !== epoch ? 0 : Math.max(0, newest.health.offset - end_offset);

/** @param {TraceTag} one @param {TraceTag} other */
const order = (one, other) => (one.key < other.key ? -1 : 1);
