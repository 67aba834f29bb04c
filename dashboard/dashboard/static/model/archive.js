/** A tag in the archive over days. Pure. */

import { day, moment, posts } from "../i18n/format.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("./types.js").ArchivedCurve} ArchivedCurve */

const DAY_MS = 86_400_000;

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
