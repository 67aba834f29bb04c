/** The contents of the "Save" menu: the ranking of the board and the curves of the panel. */

import { shareOf } from "../model/changes.js";
import { count, span } from "../i18n/format.js";
import { allPosts, countedFrom, filterLabel, rankingTitle, sourcesOfAll } from "../board/heading.js";
import { curvesFigure, hashtag, rankingFigure } from "./image_figures.js";
import { risingDocument, risingTable } from "./rising_documents.js";
import { risingFigure } from "./rising_figure.js";
import { detailsOf, reasonOf, usualBand } from "../model/rising.js";
import { allOf, valueOf } from "../model/measure.js";
import { curvesDocument, curvesTable, fileName, rankingDocument, rankingTable, viewName } from "./documents.js";
import { sourcesLine, sourcesOf } from "../model/sources.js";
import { SaveMenu } from "./save_menu.js";
import { theme } from "../ui/theme.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/page_types.js").AnySnapshot} AnySnapshot */
/** @typedef {import("../model/address.js").Address} Address */
/** @typedef {import("../model/types.js").View} View */
/** @typedef {import("../model/curves.js").Curves} Curves */
/** @typedef {import("../model/playback.js").Playback} Playback */
/** @typedef {import("./save_menu.js").SaveContent} SaveContent */

/**
 * Create the menu that saves what the board and the panel display.
 *
 * @param {Playback} playback @param {{visible: (snapshot: AnySnapshot | null) => AnySnapshot | null}} mutes
 * @param {{curves: Curves | null}} panel
 * @param {{figures: any, address: () => Address, liveView: () => View | null, view: () => View, top: () => number,
 *   colours: () => Map<string, string>, now: () => number}} page `figures`: see dashboard/page/figures.py. `view`: the one
 *   of the live page; `liveView`: the same, null if the address of the page needs none
 */
export function createSaveMenu(playback, mutes, panel, { figures, address, liveView, view, top, colours, now }) {
  const pictures = () => figures[theme()].pictures;
  return new SaveMenu({
    board: () => {
      const { mode } = playback;
      const displayed = mutes.visible(playback.displayed);
      if (displayed?.view.ranking === "rising") return risingContent(displayed, mode, now(), pictures().ranking);
      return displayed && rankingContent(displayed, top(), mode, colours(), pictures().ranking);
    },
    panel: () => {
      const sources = sourcesOf(playback.newest);
      return panel.curves?.tags.length ? curvesContent(panel.curves, sources, now(), pictures().curves) : null;
    },
    address,
    liveView,
    at_ms: () => momentOf(playback.displayed),
    step: () => playback.displayed?.archived?.step ?? null,
    isPast: () => playback.mode === "past",
    view: () => playback.displayed?.view ?? view(),
  });
}

/** The time in the address of a snapshot; null without one. @param {AnySnapshot | null} snapshot */
const momentOf = (snapshot) => snapshot && (snapshot.archived ? snapshot.from_ms : snapshot.to_ms);

/**
 * @param {AnySnapshot} snapshot @param {number} max_tags @param {Playback["mode"]} mode
 * @param {Map<string, string>} colours of the pinned tags, by key @param {any} pattern of the picture @returns {SaveContent}
 */
function rankingContent(snapshot, max_tags, mode, colours, pattern) {
  const document = rankingDocument(snapshot, max_tags, mode);
  const title = [rankingTitle(snapshot, mode), filterLabel(snapshot)].filter(Boolean).join(" · ");
  const rows = snapshot.top.slice(0, max_tags).map((leader) => ({
    label: leader.label,
    posts: valueOf(leader, snapshot),
    colour: colours.get(leader.key) ?? "",
    rank: count(leader.rank),
    count: count(valueOf(leader, snapshot)),
    share: shareOf(valueOf(leader, snapshot), allOf(snapshot)),
  }));
  const heading = headingOf(snapshot, title);
  return {
    title,
    fileName: (extension) => fileName(contentName(snapshot), snapshot.to_ms, extension),
    document,
    table: rankingTable(document),
    figure: () => rankingFigure(pattern, heading, rows, makeMeasure(pattern)),
  };
}

/** @param {AnySnapshot} snapshot */
const contentName = ({ view, archived }) => (archived ? `archive-${archived.step}` : viewName(view));

/** @param {AnySnapshot} snapshot @param {string} title of the ranking @returns {import("./image_figures.js").Heading} */
const headingOf = (snapshot, title) => ({
  title: words.page.title,
  subtitle: [title, span(countedFrom(snapshot), snapshot.to_ms), allPosts(snapshot)].filter(Boolean).join(" · "),
  sources: sourcesOfAll(snapshot),
});

/**
 * @param {AnySnapshot} snapshot @param {Playback["mode"]} mode @param {number} now_ms
 * @param {any} pattern of the picture @returns {SaveContent | null} null if there is no list
 */
function risingContent(snapshot, mode, now_ms, pattern) {
  const { rising, window_seconds } = snapshot;
  if (rising === null) return null;
  const document = risingDocument({ ...snapshot, rising }, mode);
  const title = rankingTitle(snapshot, mode);
  const topics = rising.topics.map(({ tags }) => ({
    labels: tags.map(({ label }) => label),
    reason: reasonOf(tags[0], window_seconds, now_ms),
    details: detailsOf(tags[0], now_ms).join(" · "),
    values: tags[0].panes,
    band: usualBand(tags[0], snapshot),
  }));
  return {
    title,
    fileName: (extension) => fileName("rising", snapshot.to_ms, extension),
    document,
    table: risingTable(document),
    figure: () => risingFigure(pattern, headingOf(snapshot, title), topics, makeMeasure(pattern)),
  };
}

/**
 * @param {Curves} curves of at least one tag @param {string[] | null} sources @param {number} now_ms
 * @param {any} pattern of the picture @returns {SaveContent}
 */
function curvesContent(curves, sources, now_ms, pattern) {
  const document = curvesDocument(curves, sources);
  const { tags } = curves;
  const title = tags.length === 1 ? hashtag(tags[0].label) : words.page.compare;
  const at_ms = tags[0].window?.to_ms ?? now_ms;
  const starts_ms = curves.history.flatMap(({ points }) => points.slice(0, 1).map(([from_ms]) => from_ms));
  const heading = {
    title,
    subtitle: [words.page.title, span(Math.min(at_ms, ...starts_ms), at_ms)].join(" · "),
    sources: sourcesLine(sources),
  };
  const { window_curve, history_curve, curve_gaps } = words.page;
  const notes = { window: window_curve, history: history_curve, gaps: curve_gaps };
  return {
    title: words.save.curves(title),
    fileName: (extension) => fileName(tags.map(({ key }) => key).join("-"), at_ms, extension),
    document,
    table: curvesTable(document),
    figure: () => curvesFigure(pattern, heading, curves, notes),
  };
}

/** Returns a function for the width of a text in the font of the picture's tags. @param {any} pattern of the picture */
function makeMeasure({ layout }) {
  const { font } = layout.annotations.find((/** @type {{name: string}} */ { name }) => name === "tag");
  const context = document.createElement("canvas").getContext("2d");
  if (context === null) throw new Error("This browser has no canvas.");
  context.font = `${font.weight} ${font.size}px ${layout.template.layout.font.family}`;
  return (/** @type {string} */ text) => context.measureText(text).width;
}
