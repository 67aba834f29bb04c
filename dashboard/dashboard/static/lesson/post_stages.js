/** The first two stages of the lesson: the posts that come in, and the hashtags in them. */

import { droppedPosts, stepsOf, tagsOfShownPosts } from "../model/lesson.js";
import { partsOf } from "../model/post_text.js";
import { clockTime, count, posts, shortDuration } from "../i18n/format.js";
import { make } from "../ui/dom.js";
import { scrollingList, tagName } from "./parts.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/types.js").Trace} Trace */
/** @typedef {import("../model/types.js").TracePost} TracePost */
/** @typedef {import("../model/types.js").TraceDropped} DroppedPost */

const texts = words.lesson;

/** Accepted posts, and beside them the dropped ones, greyed, with the reason. @param {Trace} trace */
export function showPosts(trace) {
  const { posts: all, posts_shown, dropped, dropped_counts } = trace;
  const facts = [texts.shown(count(posts_shown.length), count(all))];
  if (dropped.length) facts.push(texts.shown_dropped(count(dropped.length), count(droppedPosts(trace))));
  const { filtered, duplicate, malformed } = texts.reasons;
  const reasons = [`${filtered}: ${count(dropped_counts.filtered)}`, `${duplicate}: ${count(dropped_counts.duplicate)}`];
  if (dropped_counts.malformed) reasons.push(`${malformed}: ${count(dropped_counts.malformed)}`);
  const accepted = make("section", "lesson-accepted",
    make("h4", "", `${texts.accepted}: ${posts(all)}`),
    all === 0 ? make("p", "", texts.no_posts) : scrollingList(texts.accepted, posts_shown.map(acceptedRow)));
  const others = make("section", "lesson-dropped",
    make("h4", "", `${texts.dropped}: ${posts(droppedPosts(trace))}`),
    make("p", "lesson-reasons", reasons.join(" · ")),
    dropped.length === 0
      ? make("p", "", texts.none_dropped)
      : scrollingList(texts.dropped, dropped.map((post) => droppedRow(post))));
  const [accept] = stepsOf(trace, ["accept"]);
  if (accept) facts.push(texts.accepted_within(shortDuration(accept.took_ms)));
  return { facts, drawing: [make("div", "lesson-two", accepted, others)] };
}

/** The same posts; their hashtags are marked in the text, and their keys are beside it. @param {Trace} trace */
export function showTags(trace) {
  const { posts: all, posts_shown } = trace;
  const found = tagsOfShownPosts(trace);
  const facts = [texts.shown(count(posts_shown.length), count(all)), texts.found_tags(count(found), found)];
  const rows = posts_shown.map((post) => {
    const keys = post.tags.map(({ key }) => tagKey(key));
    const none = make("span", "lesson-none", texts.no_hashtag);
    return make("li", "lesson-post", postText(post, true), make("span", "lesson-keys", ...(keys.length ? keys : [none])));
  });
  const drawing = all === 0 ? make("p", "", texts.no_posts) : scrollingList(texts.stages.tags.name, rows);
  return { facts, drawing: [make("div", "lesson-marked", drawing)] };
}

/** @param {TracePost} post */
function acceptedRow(post) {
  const { partition, offset } = post;
  // On Kafka an offset is one of its partition.
  const place = partition === null ? count(offset) : `${count(partition)}:${count(offset)}`;
  return make("li", "lesson-post", make("span", "lesson-offset", place), postText(post, false));
}

/** @param {DroppedPost} post */
function droppedRow({ at_ms, text, why, detail }) {
  const time = make("time", "lesson-offset", clockTime(at_ms));
  time.dateTime = new Date(at_ms).toISOString();
  const shown = text === null ? hiddenText() : make("s", "lesson-text", text);
  shown.dir = "auto";
  const reason = make("span", "lesson-reason", make("strong", "", texts.reasons[why]), " ");
  // The detail of ingest is in English in every language of the page.
  const own = make("span", "", detail ?? texts.details[why]);
  if (detail !== null) own.lang = "en";
  reason.append(own);
  return make("li", "lesson-post", time, shown, reason);
}

/** @param {TracePost} post @param {boolean} mark its hashtags */
function postText({ text, lang, tags }, mark) {
  if (text === null) return hiddenText();
  const parts = mark
    ? partsOf(text, tags).map((part) => (part.key === null ? part.text : make("mark", "", part.text)))
    : [text];
  const element = make("span", "lesson-text", ...parts);
  element.dir = "auto";
  if (lang !== "und") element.lang = lang;
  return element;
}

const hiddenText = () => make("span", "lesson-none", texts.text_hidden);

/** @param {string} key */
function tagKey(key) {
  const name = tagName(key);
  name.textContent = key;
  return name;
}
