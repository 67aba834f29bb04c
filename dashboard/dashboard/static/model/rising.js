/** The view "Rising": why a hashtag rises, as a sentence, and the band of what is usual for it. Pure. */

import {
  clockMinute, count, factor, languageName, longLength, moment, otherDay, people, posts, roundShare,
} from "../i18n/format.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("./types.js").RisingTag} RisingTag */
/** @typedef {import("./types.js").HeldBack} HeldBack */
/** @typedef {import("./types.js").Rising} Rising */
/** @typedef {import("./page_types.js").AnySnapshot} AnySnapshot */

/** The language is in the sentence if more than this part of the posts has it. */
const MOST = 0.5;
/** Standard deviations from the mean to the edges of the band. */
const EDGE_DEVIATIONS = 2;
/** Below this part of its people, the number of different texts is displayed. It is `voices` then. */
const FEW_TEXTS = 0.8;
/** A smaller share of copies is not worth a word. */
const MIN_COPIES = 0.05;

/**
 * Why the hashtag rises, as one sentence.
 *
 * @param {RisingTag} tag @param {number} window_seconds @param {number} now_ms
 */
export function reasonOf({ authors, expected, times, since_ms, lang, lang_part, new: is_new }, window_seconds, now_ms) {
  const texts = words.rising;
  const window = longLength(window_seconds);
  const most = lang_part > MOST && lang !== "und" ? texts.most_in(languageName(lang)) : "";
  const since = /** @type {const} */ ([clockMinute(since_ms), otherDay(since_ms, now_ms)]);
  if (is_new) return texts.new_tag(people(authors), window, most, ...since);
  const usual = Math.round(expected);
  if (usual < 1) return texts.rare(window, people(authors), most, ...since);
  return texts.known(factor(times), people(usual), window, people(authors), most, ...since);
}

/**
 * What the sentence does not say, in short parts: known or not, posts, language, source, copies, an earlier peak.
 *
 * @param {RisingTag} tag @param {number} now_ms
 */
export function detailsOf(tag, now_ms) {
  const texts = words.rising;
  const parts = tag.new ? [] : [texts.known_tag];
  parts.push(posts(tag.posts), texts.part(roundShare(tag.lang_part), languageName(tag.lang)));
  parts.push(texts.part(roundShare(tag.source_part), tag.source));
  if (tag.voices < FEW_TEXTS * tag.authors) parts.push(texts.texts(count(tag.voices), tag.voices));
  if (tag.copies >= MIN_COPIES) parts.push(texts.copies(roundShare(tag.copies)));
  if (tag.peak_ms !== null) parts.push(texts.peak(people(tag.peak_voices), moment(tag.peak_ms, now_ms)));
  return parts;
}

/** Why a rise is held back, as one sentence. @param {HeldBack} held */
export function heldBackReason({ posts: some_posts, authors, texts, why }) {
  if (why === "few people") return words.rising.few_people(posts(some_posts), people(authors));
  return words.rising.copied(people(authors), words.rising.texts(count(texts), texts));
}

/**
 * How many people per pane are usual: the mean, and the edges two standard deviations from it. The variance is that of
 * the detector's negative binomial: mean + (spread * mean)^2.
 *
 * @param {{expected: number, spread: number}} tag `expected`: people in a window
 * @param {{pane_seconds: number, window_seconds: number}} lengths
 */
export function usualBand({ expected, spread }, { pane_seconds, window_seconds }) {
  const mean = (expected * pane_seconds) / window_seconds;
  const width = EDGE_DEVIATIONS * Math.sqrt(mean + (spread * mean) ** 2);
  return { mean, lower: Math.max(0, mean - width), upper: mean + width };
}

/**
 * Why there is no topic, as one sentence; null if there are some.
 *
 * @param {AnySnapshot} snapshot @param {"live" | "paused" | "past"} mode
 */
export function whyNoTopic({ rising, pane_seconds }, mode) {
  const texts = words.rising;
  const is_past = mode === "past";
  if (rising === null) return is_past ? texts.not_stored : texts.not_yet(longLength(pane_seconds));
  if (rising.topics.length > 0) return null;
  if (rising.missing_ms > 0) return is_past ? texts.missing_then : texts.missing(missingText(rising.missing_ms));
  return is_past ? texts.nothing_then : texts.nothing;
}

/** The missing time, rounded up: "24 minutes", "50 seconds". @param {number} missing_ms */
function missingText(missing_ms) {
  const step_seconds = missing_ms > 100_000 ? 60 : 10;
  return longLength(Math.ceil(missing_ms / 1000 / step_seconds) * step_seconds);
}

/** The entry of a tag on the list. @param {Rising | null | undefined} rising @param {string} key */
export const findRising = (rising, key) =>
  rising?.topics.flatMap(({ tags }) => tags).find((tag) => tag.key === key) ?? null;

/**
 * The first tag of each topic, with its sentence.
 *
 * @param {Rising | null} rising @param {number} window_seconds @param {number} now_ms
 */
export const leadingTags = (rising, window_seconds, now_ms) =>
  (rising?.topics ?? []).map(({ tags: [tag] }) => ({ ...tag, reason: reasonOf(tag, window_seconds, now_ms) }));
