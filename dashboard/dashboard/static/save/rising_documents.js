/** The saved files of the view "Rising": a JSON document and a table (docs/protocol.md, "Saved files"). Pure. */

import { sourcesNote } from "../model/sources.js";

/** @typedef {import("../model/page_types.js").AnySnapshot} AnySnapshot */
/** @typedef {import("../model/types.js").Rising} Rising */
/** @typedef {import("../model/types.js").RisingTag} RisingTag */
/** @typedef {import("./csv.js").Cell} Cell */

/** @param {number} at_ms */
const iso = (at_ms) => new Date(at_ms).toISOString();

/**
 * The list, and what is held back.
 *
 * @param {AnySnapshot & {rising: Rising}} snapshot @param {"live" | "paused" | "past"} mode
 */
export function risingDocument({ rising, from_ms, to_ms, posts, authors, pane_seconds, window_seconds, sources }, mode) {
  return {
    saved: "rising",
    mode,
    at: iso(rising.at_ms),
    from: iso(from_ms),
    to: iso(to_ms),
    posts,
    people: authors,
    pane_seconds,
    window_seconds,
    missing_seconds: rising.missing_ms / 1000,
    topics: rising.topics.map(({ tags }) => tags.map(savedTag)),
    held_back: rising.held_back.map(({ key, label, posts, authors, texts, why }) => ({
      ...{ hashtag: `#${label}`, key, posts, people: authors, texts, why },
    })),
    sources,
    note: sourcesNote(sources),
  };
}

/** @param {RisingTag} tag */
const savedTag = ({ label, authors, since_ms, peak_ms, peak_voices, ...numbers }) => ({
  hashtag: `#${label}`,
  people: authors,
  ...numbers,
  since: iso(since_ms),
  earlier_peak: peak_ms === null ? null : { voices: peak_voices, at: iso(peak_ms) },
});

/**
 * One row per tag; those that are held back follow.
 *
 * @param {ReturnType<typeof risingDocument>} document @returns {Cell[][]}
 */
export function risingTable({ topics, held_back, at, sources, note }) {
  const listed = ["times", "people", "expected", "posts", "voices", "since", "score", "copies"];
  const facts = ["lang", "lang_part", "source", "source_part", "new", "earlier_peak", "earlier_peak_at"];
  const end = [at, sources && sources.join(" "), note];
  return [
    ["topic", "hashtag", ...listed, ...facts, "held_back", "texts", "at", "sources", "note"],
    ...topics.flatMap((tags, index) =>
      tags.map((tag) => [
        ...[index + 1, tag.hashtag, tag.times, tag.people, tag.expected, tag.posts, tag.voices, tag.since, tag.score],
        ...[tag.copies, tag.lang, tag.lang_part, tag.source, tag.source_part, String(tag.new)],
        ...[tag.earlier_peak?.voices ?? null, tag.earlier_peak?.at ?? null, null, null, ...end],
      ]),
    ),
    ...held_back.map(({ hashtag, people, posts, why, texts }) => [
      ...[null, hashtag, null, people, null, posts, ...Array(11).fill(null), why, texts, ...end],
    ]),
  ];
}
