/** The heading of the board: which ranking, from when to when; and the title of the document. */

import { byId, setAttribute, setText } from "../ui/dom.js";
import { duration, lastMinutes, lengthOf, languageName, people, posts, range, span, zone } from "../i18n/format.js";
import { setMoment, setNumber } from "../ui/numbers.js";
import { isByPeople } from "../model/measure.js";
import { sourcesLine } from "../model/sources.js";
import { setTitle } from "../ui/page_title.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/page_types.js").AnySnapshot} AnySnapshot */

const STEP_SECONDS = 10;
/** The missing part of the window is mentioned from here on: less makes no visible difference. */
const MIN_MISSING_PART = 0.01;

/** @param {AnySnapshot} snapshot @param {"live" | "paused" | "past"} mode @param {number} now_ms */
export function showHeading(snapshot, mode, now_ms) {
  setMoment(byId("window"), snapshot);
  setNumber(byId("window-posts"), snapshot.archived ? null : "posts");
  setNumber(byId("window-people"), snapshot.authors === null ? null : "authors");
  setText(byId("window-name"), rankingTitle(snapshot, mode));
  setText(byId("window-choice"), filterLabel(snapshot));
  setText(byId("window-range"), range(countedFrom(snapshot), snapshot.to_ms, now_ms, isExact(snapshot, mode)));
  setText(byId("window-zone"), zone(snapshot.to_ms));
  reserve(byId("window-name"), [rankingTitle(snapshot, "live"), rankingTitle(snapshot, "past")]);
  reserve(byId("window-time"), [longestRange(snapshot, now_ms)]);
  setText(byId("print-time"), span(countedFrom(snapshot), snapshot.to_ms));
  setText(byId("window-missing"), missingText(snapshot));
  setText(byId("window-posts"), allPosts(snapshot));
  setText(byId("window-people"), snapshot.authors === null ? "" : people(snapshot.authors));
  setText(byId("window-sources"), sourcesOfAll(snapshot));
  const label = snapshot.top[0]?.label ?? snapshot.rising?.topics[0]?.tags[0].label;
  setTitle(label === undefined ? words.page.title : `#${label} · ${words.page.title}`);
}

/**
 * Keep the width of the longest of these texts free: the heading has the same lines in every mode, so that the bars below
 * do not move when the viewer pauses.
 *
 * @param {Element} element @param {string[]} texts
 */
const reserve = (element, texts) => setAttribute(element, "data-longest", texts.join("\n"));

/**
 * The displayed range to the second. It changes once a minute: all digits are equally wide.
 *
 * @param {AnySnapshot} snapshot @param {number} now_ms
 */
function longestRange(snapshot, now_ms) {
  const [from_ms, to_ms] = [countedFrom(snapshot), snapshot.to_ms].map((at_ms) => at_ms - (at_ms % 60_000));
  return `${range(from_ms, to_ms + 59_000, now_ms, true)} ${zone(snapshot.to_ms)}`;
}

/** To the second? An hour or a day of the archive is whole. @param {AnySnapshot} snapshot @param {string} mode */
const isExact = ({ archived }, mode) => mode !== "live" && !archived;

/** All posts; empty in the archive, which does not have them. @param {AnySnapshot} snapshot */
export const allPosts = (snapshot) => (snapshot.archived ? "" : posts(snapshot.posts));

/** The sources of the posts; empty in the archive, which gives none. @param {AnySnapshot} snapshot */
export const sourcesOfAll = (snapshot) => (snapshot.archived ? "" : sourcesLine(snapshot.sources));

/** The title of the ranking: "Last 5 minutes". @param {AnySnapshot} snapshot @param {"live" | "paused" | "past"} mode */
export function rankingTitle(snapshot, mode) {
  if (snapshot.view.ranking === "rising") return mode === "past" ? words.view.rising_past : words.page.ranking_rising;
  const title = titleOfPeriod(snapshot, mode);
  return isByPeople(snapshot) ? words.view.by_authors(title) : title;
}

/** @param {AnySnapshot} snapshot @param {"live" | "paused" | "past"} mode */
function titleOfPeriod(snapshot, mode) {
  const { view, to_ms, window_seconds, coverage, archived } = snapshot;
  if (archived) return words.view.archived[archived.step];
  if (mode === "past") return words.view.past(duration(isPartial(snapshot) ? to_ms - coverage.from_ms : window_seconds * 1000));
  if (view.ranking === "batch") return words.view.batch;
  if (view.ranking === "total") return words.view.total;
  if (!isPartial(snapshot)) return lastMinutes(window_seconds);
  return words.view.so_far(coveredText((to_ms - coverage.from_ms) / 1000), lengthOf(window_seconds));
}

/**
 * The time from which posts are counted: in a partial window, the time when counting began.
 *
 * @param {AnySnapshot} snapshot
 */
export const countedFrom = ({ view, from_ms, coverage }) =>
  view.ranking === "batch" || view.ranking === "total" ? from_ms : Math.max(from_ms, coverage.from_ms);

/** Does counting begin within the window? @param {Pick<AnySnapshot, "from_ms" | "coverage">} snapshot */
const isPartial = ({ from_ms, coverage }) => coverage.from_ms > from_ms;

/**
 * The counted part of the window, in steps: a heading that changes each second would be hard to read.
 *
 * @param {number} seconds
 */
function coveredText(seconds) {
  return seconds < STEP_SECONDS ? words.view.first_seconds : lastMinutes(roundDown(seconds));
}

/** @param {number} seconds */
function roundDown(seconds) {
  const step = seconds < 60 ? STEP_SECONDS : 60;
  return Math.floor(seconds / step) * step;
}

/** The length of the sparklines: the window, or the part that is counted so far. @param {AnySnapshot} snapshot */
export function curveSeconds({ to_ms, window_seconds, pane_seconds, coverage }) {
  const seconds = (to_ms - coverage.from_ms) / 1000;
  // The newest pane is open: even a whole window may be almost one pane short.
  return seconds > window_seconds - pane_seconds ? window_seconds : Math.max(STEP_SECONDS, roundDown(seconds));
}

/** How much of the window was not counted; empty if it is too little to matter. @param {AnySnapshot} snapshot */
function missingText({ view, coverage, window_seconds, archived }) {
  const { missing_ms } = coverage;
  if (archived) return missing_ms > 0 ? words.view.not_archived(duration(missing_ms)) : "";
  if (view.ranking === "batch" || view.ranking === "total" || missing_ms < MIN_MISSING_PART * window_seconds * 1000) return "";
  return words.view.not_counted(duration(Math.ceil(missing_ms / 1000) * 1000));
}

/** The selected source or language; empty for all posts. @param {Pick<AnySnapshot, "view">} snapshot */
export function filterLabel({ view: { source, lang } }) {
  if (source !== null) return `${words.view.sources}: ${source}`;
  return lang === null ? "" : `${words.view.langs}: ${languageName(lang)}`;
}

/** The name of a view in a sentence. @param {import("../model/types.js").View} view */
export function viewTitle(view) {
  if (view.ranking === "total") return words.page.ranking_total;
  if (view.ranking === "rising") return words.page.ranking_rising;
  if (view.by === "authors") return words.page.by_people;
  return view.ranking === "batch" ? words.page.ranking_batch : filterLabel({ view }) || words.page.ranking_window;
}
