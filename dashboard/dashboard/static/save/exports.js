/** Board and panel, as the menu "Save" takes them. */

import { shareOf } from "../model/changes.js";
import { count, posts, span } from "../i18n/format.js";
import { choiceOf, countedFrom, nameOf } from "../board/heading.js";
import { curvesFigure, hashtag, rankingFigure } from "./image_figures.js";
import { curvesDocument, curvesTable, fileName, rankingDocument, rankingTable, viewName } from "./documents.js";
import { sourcesLine, sourcesOf } from "../model/sources.js";
import { Take } from "./save_menu.js";
import { theme } from "../ui/theme.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/types.js").Event} Numbers */
/** @typedef {import("../model/address.js").Address} Address */
/** @typedef {import("../model/curves.js").Curves} Curves */
/** @typedef {import("../model/playback.js").Playback} Playback */
/** @typedef {import("./save_menu.js").Taken} Taken */

/**
 * The menu for what `playback` and `panel` show.
 *
 * @param {Playback} playback @param {{curves: Curves | null}} panel
 * @param {{figures: any, address: () => Address, top: () => number, colours: () => Map<string, string>,
 *   now: () => number}} page `figures`: see dashboard/page/figures.py
 */
export function offerFiles(playback, panel, { figures, address, top, colours, now }) {
  const pictures = () => figures[theme()].pictures;
  return new Take({
    board: () => {
      const { shown, mode } = playback;
      return shown && takenBoard(shown, top(), mode, colours(), pictures().ranking);
    },
    panel: () => {
      const sources = sourcesOf(playback.newest);
      return panel.curves?.tags.length ? takenCurves(panel.curves, sources, now(), pictures().curves) : null;
    },
    address,
    at_ms: () => playback.shown?.to_ms ?? null,
    kept: () => playback.mode === "past",
    view: () => playback.shown?.view ?? address().view,
  });
}

/**
 * @param {Numbers} shown @param {number} top @param {Playback["mode"]} mode @param {Map<string, string>} colours of pins
 * @param {any} pattern of the picture @returns {Taken}
 */
function takenBoard(shown, top, mode, colours, pattern) {
  const saved = rankingDocument(shown, top, mode);
  const title = [nameOf(shown, mode), choiceOf(shown)].filter(Boolean).join(" · ");
  const rows = shown.top.slice(0, top).map((leader) => ({
    label: leader.label,
    posts: leader.posts,
    colour: colours.get(leader.key) ?? "",
    rank: count(leader.rank),
    count: count(leader.posts),
    share: shareOf(leader.posts, shown.posts),
  }));
  const heading = {
    title: words.page.title,
    subtitle: [title, span(countedFrom(shown), shown.to_ms), posts(shown.posts)].join(" · "),
    sources: sourcesLine(shown.sources),
  };
  return {
    title,
    name: (ending) => fileName(viewName(shown.view), shown.to_ms, ending),
    document: saved,
    table: rankingTable(saved),
    figure: () => rankingFigure(pattern, heading, rows, measure(pattern)),
  };
}

/**
 * @param {Curves} curves of at least one tag @param {string[] | null} sources @param {number} now_ms @param {any} pattern
 * @returns {Taken}
 */
function takenCurves(curves, sources, now_ms, pattern) {
  const saved = curvesDocument(curves, sources);
  const { tags } = curves;
  const name = tags.length === 1 ? hashtag(tags[0].label) : words.page.compare;
  const at_ms = tags[0].window?.to_ms ?? now_ms;
  const starts = curves.history.flatMap(({ points }) => points.slice(0, 1).map(([from_ms]) => from_ms));
  const heading = {
    title: name,
    subtitle: [words.page.title, span(Math.min(at_ms, ...starts), at_ms)].join(" · "),
    sources: sourcesLine(sources),
  };
  const { window_curve, history_curve, curve_gaps } = words.page;
  const notes = { window: window_curve, history: history_curve, gaps: curve_gaps };
  return {
    title: words.take.curves(name),
    name: (ending) => fileName(tags.map(({ key }) => key).join("-"), at_ms, ending),
    document: saved,
    table: curvesTable(saved),
    figure: () => curvesFigure(pattern, heading, curves, notes),
  };
}

/** How wide a tag is, in the font that the picture writes it in. @param {any} pattern */
function measure({ layout }) {
  const { font } = layout.annotations.find((/** @type {{name: string}} */ { name }) => name === "tag");
  const pen = document.createElement("canvas").getContext("2d");
  if (pen === null) throw new Error("This browser has no canvas.");
  pen.font = `${font.weight} ${font.size}px ${layout.template.layout.font.family}`;
  return (/** @type {string} */ text) => pen.measureText(text).width;
}
