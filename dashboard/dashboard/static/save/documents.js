/** The contents and names of saved files: JSON documents and tables (docs/protocol.md, "Saved files"). Pure. */

import { sourcesNote } from "../model/sources.js";

/** @typedef {import("../model/page_types.js").AnySnapshot} AnySnapshot */
/** @typedef {import("../model/page_types.js").TagFacts} TagFacts */
/** @typedef {import("../model/types.js").View} View */
/** @typedef {import("./csv.js").Cell} Cell */
/** @typedef {import("../model/curves.js").Points} Points */
/** @typedef {import("../model/curves.js").Curves} Curves */

/** Longer file names are hard to handle. */
const MAX_NAME_LENGTH = 60;

/** @param {number} at_ms */
const iso = (at_ms) => new Date(at_ms).toISOString();

/** @param {number} posts @param {number} all */
const share = (posts, all) => (all > 0 ? posts / all : null);

/**
 * The displayed tags.
 *
 * @param {AnySnapshot} snapshot @param {number} max_tags @param {"live" | "paused" | "past"} mode
 */
export function rankingDocument(snapshot, max_tags, mode) {
  const { view, from_ms, to_ms, authors, posts_before, pane_seconds, coverage, sources, archived } = snapshot;
  const posts = archived ? null : snapshot.posts;
  return {
    saved: "ranking",
    mode,
    view,
    from: iso(from_ms),
    to: iso(to_ms),
    posts,
    people: authors,
    posts_before,
    pane_seconds,
    hashtags: snapshot.top.slice(0, max_tags).map((leader) => ({
      rank: leader.rank,
      previous_rank: leader.previous_rank,
      hashtag: `#${leader.label}`,
      key: leader.key,
      posts: leader.posts,
      people: leader.authors,
      posts_before: leader.posts_before,
      share: share(leader.posts, snapshot.posts),
      first_seen: leader.first_seen_ms === null ? null : iso(leader.first_seen_ms),
      panes: leader.panes,
    })),
    sources,
    note: sourcesNote(sources),
    counted_from: iso(Math.max(coverage.from_ms, from_ms)),
  };
}

/** One row per tag. @param {ReturnType<typeof rankingDocument>} document @returns {Cell[][]} */
export function rankingTable({ view, from, to, hashtags, sources, note, counted_from }) {
  const header = ["rank", "hashtag", "posts", "share", "posts_before", "previous_rank", "first_seen"];
  return [
    [...header, "view", "source", "lang", "from", "to", "sources", "note", "counted_from", "people", "ranked_by"],
    ...hashtags.map((tag) => [
      ...[tag.rank, tag.hashtag, tag.posts, tag.share, tag.posts_before, tag.previous_rank, tag.first_seen],
      ...[view.ranking, view.source, view.lang, from, to, sources && sources.join(" "), note, counted_from],
      ...[tag.people, view.by === "authors" ? "people" : "posts"],
    ]),
  ];
}

/** The curves of the tags in the panel. @param {Curves} curves @param {string[] | null} sources of all posts */
export function curvesDocument({ tags, window, history }, sources) {
  return {
    saved: "curves",
    hashtags: tags.map((tag, index) => ({
      hashtag: `#${tag.label}`,
      key: tag.key,
      first_seen: tag.first_seen_ms === null ? null : iso(tag.first_seen_ms),
      window: tag.window && {
        rank: tag.window.rank,
        posts: tag.window.posts,
        share: tag.window.share,
        from: iso(tag.window.from_ms),
        to: iso(tag.window.to_ms),
      },
      total: tag.total,
      curves: [savedCurve("window", window[index]), savedCurve("history", history[index])],
    })),
    sources,
    note: sourcesNote(sources),
  };
}

/** @param {"window" | "history"} curve @param {{points: Points, step_ms: number}} data */
const savedCurve = (curve, { points, step_ms }) => ({
  curve,
  step_seconds: step_ms / 1000,
  points: points.map(([at_ms, posts]) => ({ from: iso(at_ms), posts })),
});

/** One row per point. @param {ReturnType<typeof curvesDocument>} document @returns {Cell[][]} */
export function curvesTable({ hashtags, sources, note }) {
  const rows = hashtags.flatMap(({ hashtag, curves }) =>
    curves.flatMap(({ curve, step_seconds, points }) =>
      points.map(({ from, posts }) => [hashtag, curve, from, step_seconds, posts, sources && sources.join(" "), note]),
    ),
  );
  return [["hashtag", "curve", "from", "seconds", "posts", "sources", "note"], ...rows];
}

/** The name of a view in a file name. @param {View} view */
export const viewName = ({ ranking, source, lang, by }) =>
  [ranking, source && `source-${source}`, lang && `lang-${lang}`, by === "authors" && "by-people"].filter(Boolean).join("-");

/**
 * `hashtags-window-2026-11-25T2310Z.csv`: the content and the time in UTC. Letters of every script stay; characters
 * that a file system may refuse become hyphens.
 *
 * @param {string} content @param {number} at_ms @param {string} extension
 */
export function fileName(content, at_ms, extension) {
  const name = content.normalize("NFC").replaceAll(/[^\p{L}\p{M}\p{N}_-]+/gu, "-");
  const minute = iso(at_ms).slice(0, 16).replace(":", "");
  return `hashtags-${[...name].slice(0, MAX_NAME_LENGTH).join("")}-${minute}Z.${extension}`;
}
