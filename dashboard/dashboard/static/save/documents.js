/** What is shown, as it is saved: a document (docs/protocol.md, "Saved files"), its table, and the file's name. Pure. */

import { sourcesNote } from "../model/sources.js";

/** @typedef {import("../model/types.js").Event} Numbers */
/** @typedef {import("../model/page_types.js").TagFacts} TagFacts */
/** @typedef {import("../model/types.js").View} View */
/** @typedef {import("./csv.js").Cell} Cell */
/** @typedef {import("../model/curves.js").Points} Points */
/** @typedef {import("../model/curves.js").Curves} Curves */

/** Longer names of files are a nuisance. */
const NAME_LENGTH = 60;

/** @param {number} at_ms */
const iso = (at_ms) => new Date(at_ms).toISOString();

/** @param {number} posts @param {number} all */
const share = (posts, all) => (all > 0 ? posts / all : null);

/**
 * The leading tags in sight.
 *
 * @param {Numbers} shown @param {number} top how many @param {"live" | "paused" | "past"} mode
 */
export function rankingDocument(shown, top, mode) {
  const { view, from_ms, to_ms, posts, posts_before, pane_seconds, top: leaders, coverage, sources } = shown;
  return {
    saved: "ranking",
    mode,
    view,
    from: iso(from_ms),
    to: iso(to_ms),
    posts,
    posts_before,
    pane_seconds,
    hashtags: leaders.slice(0, top).map((leader) => ({
      rank: leader.rank,
      previous_rank: leader.previous_rank,
      hashtag: `#${leader.label}`,
      key: leader.key,
      posts: leader.posts,
      posts_before: leader.posts_before,
      share: share(leader.posts, posts),
      first_seen: leader.first_seen_ms === null ? null : iso(leader.first_seen_ms),
      panes: leader.panes,
    })),
    sources,
    note: sourcesNote(sources),
    counted_from: iso(Math.max(coverage.from_ms, from_ms)),
  };
}

/** One row a tag. @param {ReturnType<typeof rankingDocument>} document @returns {Cell[][]} */
export function rankingTable({ view, from, to, hashtags, sources, note, counted_from }) {
  const header = ["rank", "hashtag", "posts", "share", "posts_before", "previous_rank", "first_seen"];
  return [
    [...header, "view", "source", "lang", "from", "to", "sources", "note", "counted_from"],
    ...hashtags.map((one) => [
      ...[one.rank, one.hashtag, one.posts, one.share, one.posts_before, one.previous_rank, one.first_seen],
      ...[view.ranking, view.source, view.lang, from, to, sources && sources.join(" "), note, counted_from],
    ]),
  ];
}

/** The curves of the tags in the panel. @param {Curves} curves @param {string[] | null} sources of all posts */
export function curvesDocument({ tags, window, history }, sources) {
  return {
    saved: "curves",
    hashtags: tags.map((tag, place) => ({
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
      curves: [savedCurve("window", window[place]), savedCurve("history", history[place])],
    })),
    sources,
    note: sourcesNote(sources),
  };
}

/** @param {"window" | "history"} curve @param {{points: Points, step_ms: number}} drawn */
const savedCurve = (curve, { points, step_ms }) => ({
  curve,
  step_seconds: step_ms / 1000,
  points: points.map(([at_ms, posts]) => ({ from: iso(at_ms), posts })),
});

/** One row a point. @param {ReturnType<typeof curvesDocument>} document @returns {Cell[][]} */
export function curvesTable({ hashtags, sources, note }) {
  const rows = hashtags.flatMap(({ hashtag, curves }) =>
    curves.flatMap(({ curve, step_seconds, points }) =>
      points.map(({ from, posts }) => [hashtag, curve, from, step_seconds, posts, sources && sources.join(" "), note]),
    ),
  );
  return [["hashtag", "curve", "from", "seconds", "posts", "sources", "note"], ...rows];
}

/** What a view is called in a file's name. @param {View} view */
export const viewName = ({ ranking, source, lang }) =>
  [ranking, source && `source-${source}`, lang && `lang-${lang}`].filter(Boolean).join("-");

/**
 * `hashtags-window-2026-11-25T2310Z.csv`: what, and when by UTC. Letters of every script stay; what a file system may
 * refuse becomes a hyphen.
 *
 * @param {string} what @param {number} at_ms @param {string} ending
 */
export function fileName(what, at_ms, ending) {
  const name = what.normalize("NFC").replaceAll(/[^\p{L}\p{M}\p{N}_-]+/gu, "-");
  const minute = iso(at_ms).slice(0, 16).replace(":", "");
  return `hashtags-${[...name].slice(0, NAME_LENGTH).join("")}-${minute}Z.${ending}`;
}
