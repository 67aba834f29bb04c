/** Formats numbers and times in the language of the page. */

import { locale, words } from "./messages.js";

const counts = new Intl.NumberFormat(locale);
const rates = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const dollars = new Intl.NumberFormat(locale, { style: "currency", currency: "USD", currencyDisplay: "narrowSymbol" });
const shares = new Intl.NumberFormat(locale, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
const factors = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
const round_shares = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 });
const long_seconds = new Intl.NumberFormat(locale, { style: "unit", unit: "second", unitDisplay: "long" });
const long_minutes = new Intl.NumberFormat(locale, { style: "unit", unit: "minute", unitDisplay: "long" });
const changes = new Intl.NumberFormat(locale, { style: "percent", signDisplay: "exceptZero", maximumFractionDigits: 0 });
// In 12 or 24 hours, by the viewer's country.
const minutes_of_day = new Intl.DateTimeFormat(locale, { timeStyle: "short" });
const times = new Intl.DateTimeFormat(locale, { timeStyle: "medium" });
const days = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" });
const spans = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium" });
const zones = new Intl.DateTimeFormat(locale, { timeZoneName: "short" });
const language_names = new Intl.DisplayNames(locale, { type: "language" });

/** @param {number} value */
export const count = (value) => counts.format(value);

const lists = new Intl.ListFormat(locale);

/** "#a, #b and #c" @param {string[]} parts */
export const list = (parts) => lists.format(parts);

/** @param {number} value */
export const rate = (value) => rates.format(value);

/** An amount of US dollars. @param {number} value */
export const price = (value) => dollars.format(value);

/** "12.3%" @param {number} value from 0 to 1 */
export const share = (value) => shares.format(value);

/** "+24%", "−12%", "0%" @param {number} value 1 is 100% */
export const change = (value) => changes.format(value).replace("-", "−");

/** A time to the minute, in the browser's time zone. @param {number} at_ms */
export const clockMinute = (at_ms) => minutes_of_day.format(at_ms);

/** A time to the second, in the browser's time zone. @param {number} at_ms */
export const clockTime = (at_ms) => times.format(at_ms);

/** @param {number} at_ms @param {number} now_ms @param {string} clock */
const withDay = (at_ms, now_ms, clock) =>
  days.format(at_ms) === days.format(now_ms) ? clock : `${days.format(at_ms)}, ${clock}`;

/** A time to the minute, with its day if that is not the day of `now_ms`. @param {number} at_ms @param {number} now_ms */
export const moment = (at_ms, now_ms) => withDay(at_ms, now_ms, clockMinute(at_ms));

/** A time to the second, with its day if that is not the day of `now_ms`. @param {number} at_ms @param {number} now_ms */
export const exactMoment = (at_ms, now_ms) => withDay(at_ms, now_ms, clockTime(at_ms));

/** The day of a time: "25 Oct"; empty if it is the day of `now_ms`. @param {number} at_ms @param {number} now_ms */
export const otherDay = (at_ms, now_ms) => (days.format(at_ms) === days.format(now_ms) ? "" : days.format(at_ms));

/** A day: "25 Oct". @param {number} at_ms */
export const day = (at_ms) => days.format(at_ms);

/** The viewer's time zone at a time: "CET". @param {number} at_ms */
export const zone = (at_ms) =>
  zones.formatToParts(at_ms).find(({ type }) => type === "timeZoneName")?.value ?? "";

/**
 * A range of times without the time zone. If summer time begins or ends between them, the first time has its zone.
 *
 * @param {number} from_ms @param {number} to_ms @param {number} now_ms @param {boolean} exact to the second
 */
export function range(from_ms, to_ms, now_ms, exact) {
  const format = exact || from_ms === to_ms ? exactMoment : moment;
  const [from, to] = [format(from_ms, now_ms), format(to_ms, now_ms)];
  if (zone(from_ms) !== zone(to_ms)) return words.range(`${from} ${zone(from_ms)}`, to);
  return from === to ? to : words.range(from, to);
}

/** A range of times with days and time zone, for files and paper. @param {number} from_ms @param {number} to_ms */
export function span(from_ms, to_ms) {
  if (zone(from_ms) === zone(to_ms)) return `${spans.formatRange(from_ms, to_ms)} ${zone(to_ms)}`;
  const [from, to] = [from_ms, to_ms].map((at_ms) => `${spans.format(at_ms)} ${zone(at_ms)}`);
  return words.range(from, to);
}

/** A duration: "0 s", "59 s", "2 min 5 s", "3 h 10 min", "2 days". @param {number} ms */
export function duration(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return words.seconds(String(seconds));
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return words.minutes(minutes, seconds % 60);
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return words.hours(hours, minutes % 60);
  return words.days(Math.floor(hours / 24));
}

/** A short duration: "140 ms", "1.4 s", "12 s". @param {number} ms */
export function shortDuration(ms) {
  if (ms < 1000) return words.milliseconds(count(Math.round(ms)));
  return ms < 10_000 ? words.seconds(rate(ms / 1000)) : duration(ms);
}

/** The window as a title: "Last 5 minutes", "Last 90 seconds". @param {number} seconds */
export const lastMinutes = (seconds) =>
  seconds < 110 ? words.lastSeconds(Math.max(1, Math.round(seconds))) : words.lastMinutes(Math.round(seconds / 60));

/** The length of a window: "5 min", "90 s". @param {number} seconds */
export const lengthOf = (seconds) => (seconds < 110 ? words.seconds(String(Math.round(seconds))) : duration(seconds * 1000));

/** The length of a window in a sentence: "5 minutes", "90 seconds". @param {number} seconds */
export const longLength = (seconds) =>
  seconds < 110 ? long_seconds.format(Math.round(seconds)) : long_minutes.format(Math.round(seconds / 60));

/** `1 post`, `2,000 posts`. @param {number} value */
export const posts = (value) => words.posts(count(value), value);

/** `1 person`, `2,000 people`. @param {number} value */
export const people = (value) => words.people(count(value), value);

/** "12", "2.4": below ten with one digit behind the point. @param {number} value */
export const factor = (value) => (value < 9.95 ? factors.format(value) : count(Math.round(value)));

/** "80%" @param {number} value from 0 to 1 */
export const roundShare = (value) => round_shares.format(value);

/** The name of a language, or its code if it has no name. @param {string} code */
export function languageName(code) {
  if (code === "und") return words.unknown_language;
  try {
    return language_names.of(code) ?? code;
  } catch {
    // Platforms accept any code from their users; an invalid code is displayed unchanged.
    return code;
  }
}
