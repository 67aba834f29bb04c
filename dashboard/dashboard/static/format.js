/** Numbers and times as people read them. */

const counts = new Intl.NumberFormat("en");
const rates = new Intl.NumberFormat("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const dollars = new Intl.NumberFormat("en", { style: "currency", currency: "USD" });
const minutes_of_day = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const times = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });

/** @param {number} value */
export const count = (value) => counts.format(value);

/** @param {number} value */
export const rate = (value) => rates.format(value);

/** An amount of US dollars. @param {number} value */
export const price = (value) => dollars.format(value);

/** A moment as hh:mm, in the browser's time zone. @param {number} at_ms */
export const clockMinute = (at_ms) => minutes_of_day.format(at_ms);

/** A moment as hh:mm:ss, in the browser's time zone. @param {number} at_ms */
export const clockTime = (at_ms) => times.format(at_ms);

/** A length of time: "0 s", "59 s", "2 min 5 s", "3 h 10 min", "2 days". @param {number} ms */
export function duration(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 ? `${minutes} min ${seconds % 60} s` : `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  return `${Math.floor(hours / 24)} days`;
}

/** The window in words: "Last 5 minutes", "Last 90 seconds". @param {number} from_ms @param {number} to_ms */
export function lastMinutes(from_ms, to_ms) {
  // The oldest pane is whole and the newest is open: the window is a pane short of its length on average.
  const seconds = Math.round((to_ms - from_ms) / 1000);
  const minutes = Math.round(seconds / 60);
  if (seconds < 110) return `Last ${Math.max(1, seconds)} seconds`;
  return `Last ${minutes} minutes`;
}

/** `1 post`, `2,000 posts`. @param {number} value @param {string} noun */
export const some = (value, noun) => `${count(value)} ${noun}${value === 1 ? "" : "s"}`;
