/** Numbers and times as people read them, in the language of the page. */

import { locale, words } from "./words.js";

const counts = new Intl.NumberFormat(locale);
const rates = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const dollars = new Intl.NumberFormat(locale, { style: "currency", currency: "USD", currencyDisplay: "narrowSymbol" });
const shares = new Intl.NumberFormat(locale, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
const changes = new Intl.NumberFormat(locale, { style: "percent", signDisplay: "exceptZero", maximumFractionDigits: 0 });
const minutes_of_day = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
const times = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
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

/** "12.3%" @param {number} value of 1 */
export const share = (value) => shares.format(value);

/** "+24%", "-12%", "0%" @param {number} value of 1 */
export const change = (value) => changes.format(value).replace("-", "−");

/** A moment as hh:mm, in the browser's time zone. @param {number} at_ms */
export const clockMinute = (at_ms) => minutes_of_day.format(at_ms);

/** A moment as hh:mm:ss, in the browser's time zone. @param {number} at_ms */
export const clockTime = (at_ms) => times.format(at_ms);

/** A moment as hh:mm:ss, with its day where that isn't the day of `now_ms`. @param {number} at_ms @param {number} now_ms */
export const moment = (at_ms, now_ms) =>
  days.format(at_ms) === days.format(now_ms) ? clockTime(at_ms) : `${days.format(at_ms)}, ${clockTime(at_ms)}`;

/** From when to when, with day and time zone: for what leaves the page. @param {number} from_ms @param {number} to_ms */
export function span(from_ms, to_ms) {
  const zone = zones.formatToParts(to_ms).find(({ type }) => type === "timeZoneName")?.value ?? "";
  return `${spans.formatRange(from_ms, to_ms)} ${zone}`;
}

/** A length of time: "0 s", "59 s", "2 min 5 s", "3 h 10 min", "2 days". @param {number} ms */
export function duration(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return words.seconds(String(seconds));
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return words.minutes(minutes, seconds % 60);
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return words.hours(hours, minutes % 60);
  return words.days(Math.floor(hours / 24));
}

/** A short length of time: "140 ms", "1.4 s", "12 s". @param {number} ms */
export function shortDuration(ms) {
  if (ms < 1000) return words.milliseconds(count(Math.round(ms)));
  return ms < 10_000 ? words.seconds(rate(ms / 1000)) : duration(ms);
}

/** The window in words: "Last 5 minutes", "Last 90 seconds". @param {number} seconds */
export const lastMinutes = (seconds) =>
  seconds < 110 ? words.lastSeconds(Math.max(1, Math.round(seconds))) : words.lastMinutes(Math.round(seconds / 60));

/** `1 post`, `2,000 posts`. @param {number} value */
export const posts = (value) => words.posts(count(value), value);

/** A language by its name, or by its code where it has none. @param {string} code */
export function languageName(code) {
  if (code === "und") return words.unknown_language;
  try {
    return language_names.of(code) ?? code;
  } catch {
    // Platforms let their users claim any code; one that is none is shown as it came.
    return code;
  }
}
