/**
 * Ticks of the time axis. The axis is linear in real time; its labels are local times of the viewer. Plotly's own date
 * axis is linear in local time, which jumps back when summer time ends, so that the curve would run backwards. Pure.
 */

import { clockMinute, clockTime, day, zone } from "../i18n/format.js";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** All time zones differ by multiples of 15 minutes. */
const QUARTER_MS = 15 * MINUTE_MS;
const STEPS_MS = [1_000, 10_000, 30_000, ...[1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440].map((n) => n * MINUTE_MS)];
/** Part of the axis that is free at each end, so that marks are not cut off. */
const PADDING = 0.01;

/** Offset of the viewer's time zone from UTC at a time, in ms. @param {number} at_ms */
const offsetOf = (at_ms) => -new Date(at_ms).getTimezoneOffset() * MINUTE_MS;

/**
 * Times that are round in local time, at most `max_ticks`, or one more where an hour comes twice.
 *
 * @param {number} from_ms @param {number} to_ms @param {number} max_ticks @param {(at_ms: number) => number} [offset]
 * @returns {{step_ms: number, times: number[]}}
 */
export function roundTimes(from_ms, to_ms, max_ticks, offset = offsetOf) {
  const days_ms = Math.ceil((to_ms - from_ms) / max_ticks / DAY_MS) * DAY_MS;
  const step_ms = STEPS_MS.find((step) => (to_ms - from_ms) / step <= max_ticks) ?? days_ms;
  const search_step_ms = Math.min(step_ms, QUARTER_MS);
  const times = [];
  for (let at_ms = Math.ceil(from_ms / search_step_ms) * search_step_ms; at_ms <= to_ms; at_ms += search_step_ms) {
    if ((at_ms + offset(at_ms)) % step_ms === 0) times.push(at_ms);
  }
  return { step_ms, times };
}

/** The label of a tick. @param {number} at_ms @param {number} step_ms */
function label(at_ms, step_ms) {
  if (step_ms < MINUTE_MS) return clockTime(at_ms);
  return (at_ms + offsetOf(at_ms)) % DAY_MS === 0 ? day(at_ms) : clockMinute(at_ms);
}

/**
 * Range and ticks of a Plotly axis for these points. Where summer time begins or ends between them, each label has its
 * time zone in a second line.
 *
 * @param {[number, ...unknown[]][]} points the first item is the time in ms @param {number} max_ticks
 */
export function timeAxis(points, max_ticks) {
  const point_times = points.map(([at_ms]) => at_ms);
  if (point_times.length === 0) return { tickvals: [], ticktext: [] };
  const [from_ms, to_ms] = [Math.min(...point_times), Math.max(...point_times)];
  const padding_ms = Math.max(1_000, (to_ms - from_ms) * PADDING);
  const { step_ms, times } = roundTimes(from_ms, to_ms, max_ticks);
  const two_zones = zone(from_ms) !== zone(to_ms);
  const texts = times.map((at_ms) => label(at_ms, step_ms) + (two_zones ? `<br>${zone(at_ms)}` : ""));
  return { range: [from_ms - padding_ms, to_ms + padding_ms], tickvals: times, ticktext: texts };
}

/** How many lines the tick labels have. @param {{ticktext: string[]}} axis */
export const tickLines = ({ ticktext }) => (ticktext.some((text) => text.includes("<br>")) ? 2 : 1);
