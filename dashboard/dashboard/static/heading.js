/** The line that tells what is shown: which ranking, from when to when; and the title of the window. */

import { byId, write } from "./dom.js";
import { duration, languageName, lastMinutes, moment, posts } from "./format.js";
import { words } from "./words.js";

/** @typedef {import("./types.js").Numbers} Numbers */

/** @param {Numbers} shown @param {"live" | "paused" | "past"} mode @param {number} now_ms */
export function showHeading(shown, mode, now_ms) {
  write(byId("window-name"), nameOf(shown, mode));
  write(byId("window-choice"), choiceOf(shown));
  write(byId("window-range"), range(shown, now_ms));
  write(byId("window-posts"), posts(shown.posts));
  const title = shown.top.length ? `#${shown.top[0].label} · ${words.page.title}` : words.page.title;
  if (document.title !== title) document.title = title;
}

/** What is shown, by name. @param {Numbers} shown @param {"live" | "paused" | "past"} mode */
export function nameOf({ view, from_ms, to_ms, window_seconds }, mode) {
  if (mode === "past") return words.view.past(duration(window_seconds * 1000));
  if (view.ranking === "batch") return words.view.batch;
  if (view.ranking === "total") return words.view.total;
  // The oldest pane is whole and the newest is open: the window is a pane short of its length on average.
  return lastMinutes((to_ms - from_ms) / 1000);
}

/** The source or language that is looked at; empty for all posts. @param {Pick<Numbers, "view">} shown */
export function choiceOf({ view: { source, lang } }) {
  if (source !== null) return `${words.view.sources}: ${source}`;
  return lang === null ? "" : `${words.view.langs}: ${languageName(lang)}`;
}

/** @param {Numbers} shown @param {number} now_ms */
function range({ from_ms, to_ms }, now_ms) {
  if (from_ms === to_ms) return moment(to_ms, now_ms);
  return words.range(moment(from_ms, now_ms), moment(to_ms, now_ms));
}
