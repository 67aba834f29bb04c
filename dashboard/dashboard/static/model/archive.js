/** The archive: a tag over days, the steps of the slider, and an hour or a day as a snapshot. Pure. */

import { DEFAULT_VIEW } from "./address.js";
import { day, moment, posts } from "../i18n/format.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("./types.js").ArchivedCurve} ArchivedCurve */

/** @typedef {import("./types.js").ArchivedHours["hours"]} Hours */
/** @typedef {import("./page_types.js").Step} Step */
/** The slider: the start of its first step, the end of its last one, and the posts of each. */
/** @typedef {{min_ms: number, max_ms: number, step_ms: number, posts: number[]}} SliderSteps */

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** @type {Record<Step, {step_ms: number, days: number}>} */
const STEPS = { hour: { step_ms: HOUR_MS, days: 7 }, day: { step_ms: DAY_MS, days: 30 } };
/** The most days that the slider reaches back. */
export const MOST_DAYS = STEPS.day.days;

/** What the panel offers: how many days, in which steps. @type {Record<string, {days: number, step: "hour" | "day"}>} */
export const SPANS = { week: { days: 7, step: "hour" }, month: { days: 30, step: "day" } };

/** The start of each step with its posts. @param {ArchivedCurve} curve @returns {[number, number][]} */
export const archivePoints = ({ steps }) => steps.map(([from_ms, count]) => [from_ms, count]);

/**
 * The sum, and when there were most, as a sentence: a curve is not for all readers.
 *
 * @param {ArchivedCurve} curve @param {number} now_ms
 */
export function archiveSummary({ steps, step_ms }, now_ms) {
  const sum = steps.reduce((before, [, count]) => before + count, 0);
  if (sum === 0) return words.archive.none;
  const most = steps.reduce((best, step) => (step[1] > best[1] ? step : best));
  if (step_ms < DAY_MS) return words.archive.in_hours(posts(sum), posts(most[1]), moment(most[0], now_ms));
  // The day of UTC, at its noon: its start is the evening before in the Americas.
  return words.archive.in_days(posts(sum), posts(most[1]), day(most[0] + DAY_MS / 2));
}

/**
 * The steps of the slider: whole hours or days of UTC. Null if none of them is archived.
 *
 * @param {Hours} hours oldest first @param {Step} step @param {number} now_ms @returns {SliderSteps | null}
 */
export function sliderSteps(hours, step, now_ms) {
  const { step_ms, days } = STEPS[step];
  const from_ms = Math.ceil((now_ms - days * DAY_MS) / step_ms) * step_ms;
  const shown = hours.filter(([at_ms]) => at_ms >= from_ms && at_ms <= now_ms);
  if (shown.length === 0) return null;
  const startOf = (/** @type {number} */ at_ms) => at_ms - (at_ms % step_ms);
  const [min_ms, max_ms] = [startOf(shown[0][0]), startOf(shown[shown.length - 1][0]) + step_ms];
  const sums = Array(Math.round((max_ms - min_ms) / step_ms)).fill(0);
  for (const [at_ms, count] of shown) sums[(startOf(at_ms) - min_ms) / step_ms] += count;
  return { min_ms, max_ms, step_ms, posts: sums };
}

/**
 * An hour or a day as a snapshot of the past. How many posts there were in all is not known.
 *
 * @param {import("./types.js").ArchivedLeaders} leaders @param {Step} step
 * @returns {import("./page_types.js").PastSnapshot}
 */
export function archivedSnapshot({ from_ms, to_ms, hours, top }, step) {
  const seconds = (to_ms - from_ms) / 1000;
  const unknown = { previous_rank: null, posts_before: null, first_seen_ms: null, panes: null };
  const leaders = top.map(({ key, label, posts: count, authors }, place) => (
    { rank: place + 1, key, label, posts: count, authors, ...unknown }
  ));
  return {
    archived: { step, hours },
    ...{ epoch: 0, seq: null, produced_at_ms: to_ms, age_ms: null, view: DEFAULT_VIEW, from_ms, to_ms },
    ...{ top_n: leaders.length, pane_seconds: seconds, window_seconds: seconds, posts: 0, posts_before: null, top: leaders },
    coverage: { from_ms, missing_ms: Math.max(0, to_ms - from_ms - hours * HOUR_MS) },
    ...{ sources: null, choices: { source: [], lang: [] }, total: null, health: null, authors: null, rising: null },
    ...{ rising_topics: null, taken_back: null, topics: null, muted: null, alerts: null },
  };
}
