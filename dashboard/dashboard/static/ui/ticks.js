/**
 * The axis of time: linear in real time, told by the reader's clock. Plotly's own axis of dates goes by the clock, which
 * runs back when summer time ends, and the curve with it. Pure.
 */

import { clockMinute, clockTime, day, zone } from "../i18n/format.js";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Clocks of the whole world differ by quarters of an hour. */
const QUARTER_MS = 15 * MINUTE_MS;
const STEPS_MS = [1_000, 10_000, 30_000, ...[1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440].map((n) => n * MINUTE_MS)];
/** Room at both ends, for marks. */
const PADDING = 0.01;

/** How far the reader's clock is ahead of UTC at that moment. @param {number} at_ms */
const offsetOf = (at_ms) => -new Date(at_ms).getTimezoneOffset() * MINUTE_MS;

/**
 * Moments at which the reader's clock shows a round time, at most `most`, or one more where an hour comes twice.
 *
 * @param {number} from_ms @param {number} to_ms @param {number} most @param {(at_ms: number) => number} [offset]
 * @returns {{step_ms: number, times: number[]}}
 */
export function roundTimes(from_ms, to_ms, most, offset = offsetOf) {
  const whole_ms = Math.ceil((to_ms - from_ms) / most / DAY_MS) * DAY_MS;
  const step_ms = STEPS_MS.find((step) => (to_ms - from_ms) / step <= most) ?? whole_ms;
  const walk_ms = Math.min(step_ms, QUARTER_MS);
  const times = [];
  for (let at_ms = Math.ceil(from_ms / walk_ms) * walk_ms; at_ms <= to_ms; at_ms += walk_ms) {
    if ((at_ms + offset(at_ms)) % step_ms === 0) times.push(at_ms);
  }
  return { step_ms, times };
}

/** @param {number} at_ms @param {number} step_ms */
function told(at_ms, step_ms) {
  if (step_ms < MINUTE_MS) return clockTime(at_ms);
  return (at_ms + offsetOf(at_ms)) % DAY_MS === 0 ? day(at_ms) : clockMinute(at_ms);
}

/**
 * What of Plotly's axis the times of these points say. Where summer time begins or ends between them, each hour has its
 * zone in a second line.
 *
 * @param {[number, ...unknown[]][]} points time in ms first @param {number} most ticks
 */
export function timeAxis(points, most) {
  const all = points.map(([at_ms]) => at_ms);
  if (all.length === 0) return { tickvals: [], ticktext: [] };
  const [from_ms, to_ms] = [Math.min(...all), Math.max(...all)];
  const room_ms = Math.max(1_000, (to_ms - from_ms) * PADDING);
  const { step_ms, times } = roundTimes(from_ms, to_ms, most);
  const two_zones = zone(from_ms) !== zone(to_ms);
  const texts = times.map((at_ms) => told(at_ms, step_ms) + (two_zones ? `<br>${zone(at_ms)}` : ""));
  return { range: [from_ms - room_ms, to_ms + room_ms], tickvals: times, ticktext: texts };
}

/** Room for the second line of ticks. @param {{ticktext: string[]}} axis */
export const linesOfTicks = ({ ticktext }) => (ticktext.some((text) => text.includes("<br>")) ? 2 : 1);
