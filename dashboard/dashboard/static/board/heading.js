/** The line that tells what is shown: which ranking, from when to when; and the title of the window. */

import { byId, write } from "../ui/dom.js";
import { duration, lastMinutes, lengthOf, languageName, posts, range, span, zone } from "../i18n/format.js";
import { sourcesLine } from "../model/sources.js";
import { showTitle } from "../ui/page_title.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/types.js").Event} Numbers */

const STEP_SECONDS = 10;
/** From this part of the window on: less makes no difference that a reader could see. */
const MISSING_FROM = 0.01;

/** @param {Numbers} shown @param {"live" | "paused" | "past"} mode @param {number} now_ms */
export function showHeading(shown, mode, now_ms) {
  write(byId("window-name"), nameOf(shown, mode));
  write(byId("window-choice"), choiceOf(shown));
  write(byId("window-range"), range(countedFrom(shown), shown.to_ms, now_ms, mode !== "live"));
  write(byId("window-zone"), zone(shown.to_ms));
  write(byId("paper-time"), span(countedFrom(shown), shown.to_ms));
  write(byId("window-missing"), missing(shown));
  write(byId("window-posts"), posts(shown.posts));
  write(byId("window-sources"), sourcesLine(shown.sources));
  showTitle(shown.top.length ? `#${shown.top[0].label} · ${words.page.title}` : words.page.title);
}

/** What is shown, by name. @param {Numbers} shown @param {"live" | "paused" | "past"} mode */
export function nameOf(shown, mode) {
  const { view, to_ms, window_seconds, coverage } = shown;
  if (mode === "past") return words.view.past(duration(isPart(shown) ? to_ms - coverage.from_ms : window_seconds * 1000));
  if (view.ranking === "batch") return words.view.batch;
  if (view.ranking === "total") return words.view.total;
  if (!isPart(shown)) return lastMinutes(window_seconds);
  return words.view.so_far(grown((to_ms - coverage.from_ms) / 1000), lengthOf(window_seconds));
}

/** From when on: of a window that is not whole yet, from where counting began. @param {Numbers} shown */
export const countedFrom = ({ view, from_ms, coverage }) =>
  view.ranking === "window" ? Math.max(from_ms, coverage.from_ms) : from_ms;

/** Does counting begin within the window? @param {Pick<Numbers, "from_ms" | "coverage">} shown */
const isPart = ({ from_ms, coverage }) => coverage.from_ms > from_ms;

/** How much there is so far, in steps: a heading that counts seconds can't be read in peace. @param {number} seconds */
function grown(seconds) {
  return seconds < STEP_SECONDS ? words.view.first_seconds : lastMinutes(inSteps(seconds));
}

/** @param {number} seconds */
function inSteps(seconds) {
  const step = seconds < 60 ? STEP_SECONDS : 60;
  return Math.floor(seconds / step) * step;
}

/** How long the small curves are: as long as the window, or as what there is of it. @param {Numbers} shown */
export function curveSeconds({ to_ms, window_seconds, pane_seconds, coverage }) {
  const seconds = (to_ms - coverage.from_ms) / 1000;
  // The newest pane is open, so that a whole window is up to a pane short.
  return seconds > window_seconds - pane_seconds ? window_seconds : Math.max(STEP_SECONDS, inSteps(seconds));
}

/** What of the window was not counted, where that is worth a word. @param {Numbers} shown */
function missing({ view, coverage, window_seconds }) {
  const { missing_ms } = coverage;
  if (view.ranking !== "window" || missing_ms < MISSING_FROM * window_seconds * 1000) return "";
  return words.view.missing(duration(Math.ceil(missing_ms / 1000) * 1000));
}

/** The source or language that is looked at; empty for all posts. @param {Pick<Numbers, "view">} shown */
export function choiceOf({ view: { source, lang } }) {
  if (source !== null) return `${words.view.sources}: ${source}`;
  return lang === null ? "" : `${words.view.langs}: ${languageName(lang)}`;
}

/** What a view is called in a sentence. @param {import("../model/types.js").View} view */
export function viewTitle(view) {
  if (view.ranking === "total") return words.page.ranking_total;
  return view.ranking === "batch" ? words.page.ranking_batch : choiceOf({ view }) || words.page.ranking_window;
}
