import assert from "node:assert/strict";
import test from "node:test";
import { roundTimes, timeAxis } from "../../../../dashboard/dashboard/static/ui/ticks.js";

const HOUR_MS = 3_600_000;
/** The end of summer time in Berlin: 3:00 becomes 2:00. */
const END_MS = Date.parse("2026-10-25T01:00:00Z");
const berlin = (/** @type {number} */ at_ms) => (at_ms < END_MS ? 2 : 1) * HOUR_MS;
/** @param {number} from_ms @param {number} to_ms @param {number} most @param {(at_ms: number) => number} [offset] */
const clock = (from_ms, to_ms, most, offset = () => 0) =>
  roundTimes(from_ms, to_ms, most, offset).times.map((at_ms) => new Date(at_ms + offset(at_ms)).toISOString().slice(11, 19));

test("ticks are at round times", () => {
  assert.deepEqual(clock(END_MS + 3_000, END_MS + 43_000, 5), ["01:00:10", "01:00:20", "01:00:30", "01:00:40"]);
  assert.deepEqual(clock(END_MS, END_MS + 290_000, 5), ["01:00:00", "01:01:00", "01:02:00", "01:03:00", "01:04:00"]);
  assert.deepEqual(clock(END_MS, END_MS + 23 * HOUR_MS, 5), ["06:00:00", "12:00:00", "18:00:00", "00:00:00"]);
});

test("an hour that comes twice has its ticks twice, in the order of real time", () => {
  const offset = berlin;
  assert.deepEqual(clock(END_MS - HOUR_MS, END_MS + HOUR_MS, 5, offset), [
    "02:00:00", "02:30:00", "02:00:00", "02:30:00", "03:00:00",
  ]);
  const { times } = roundTimes(END_MS - HOUR_MS, END_MS + HOUR_MS, 5, offset);
  assert.deepEqual(times, [...times].sort((one, other) => one - other));
});

test("times are round in the local time of every zone", () => {
  for (const minutes of [-210, 330, 345, 825]) {
    const offset = () => minutes * 60_000;
    for (const text of clock(END_MS + 1, END_MS + 5 * HOUR_MS, 5, offset)) assert.match(text, /^[0-9][0-9]:00:00$/);
  }
});

test("a range of many days has a tick every few days", () => {
  const { times, step_ms } = roundTimes(END_MS, END_MS + 40 * 24 * HOUR_MS, 5);
  assert.equal(step_ms, 8 * 24 * HOUR_MS);
  assert.ok(times.length >= 4 && times.length <= 5);
});

test("an axis without points, and with one point", () => {
  assert.deepEqual(timeAxis([], 5), { tickvals: [], ticktext: [] });
  const axis = timeAxis([[END_MS, 3]], 5);
  assert.deepEqual(axis.range, [END_MS - 1_000, END_MS + 1_000]);
});
