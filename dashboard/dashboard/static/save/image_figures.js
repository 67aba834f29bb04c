/** Plotly figures of the saved pictures. Their patterns come from dashboard/page/figures.py. Pure. */

import { traces } from "../panel/line_chart.js";
import { timeAxis } from "../ui/ticks.js";

/** @typedef {import("../model/curves.js").Curves} Curves */
/** @typedef {(text: string) => number} Measure returns the width of a text in the picture, in pixels */
/** @typedef {{label: string, posts: number, colour: string, rank: string, count: string, share: string}} PictureRow */
/**
 * The lines of the heading. `subtitle`: the ranking or the time. `sources`: where the posts come from.
 * @typedef {{title: string, subtitle: string, sources: string}} Heading
 */

const RIGHT_TO_LEFT = /^[^\p{L}]*[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;
const RIGHT_TO_LEFT_MARK = "\u200F";

/** Escape a text for Plotly, which reads HTML tags and entities in every text. @param {string} text */
export const escapeHtml = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** A hashtag whose # is at the side where its script begins. @param {string} label */
export const hashtag = (label) => `${RIGHT_TO_LEFT.test(label) ? RIGHT_TO_LEFT_MARK : ""}#${label}`;

/**
 * Cut a text at its end if it is wider than `max_px`.
 *
 * @param {string} text @param {number} max_px @param {Measure} measure
 */
export function truncate(text, max_px, measure) {
  if (measure(text) <= max_px) return text;
  const letters = [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment);
  while (letters.length > 1 && measure(`${letters.join("")}…`) > max_px) letters.pop();
  return `${letters.join("")}…`;
}

/** @param {any} pattern @param {Heading} heading @param {PictureRow[]} rows @param {Measure} measure */
export function rankingFigure(pattern, heading, rows, measure) {
  const { data, layout } = structuredClone(pattern);
  const { row_px, label_px } = layout.meta;
  const labels = rows.map(({ label }) => truncate(hashtag(label), label_px, measure));
  const widest_px = Math.ceil(Math.max(0, ...labels.map(measure)));
  setHeading(layout, heading);
  layout.margin.l += widest_px;
  layout.height += rows.length * row_px;
  layout.yaxis.range = [rows.length + 0.5, 0.5];
  const max = Math.max(1, ...rows.map(({ posts }) => posts));
  data[0].x = rows.map(({ posts }) => posts / max);
  data[0].y = rows.map((_, index) => index + 1);
  data[0].marker.color = rows.map(({ colour }) => colour || data[0].marker.color);
  /** @type {any[]} */
  const patterns = layout.annotations;
  layout.annotations = rows.flatMap(({ rank, count, share }, index) => {
    /** @type {Record<string, string>} */
    const texts = { rank, tag: labels[index], posts: count, share };
    return patterns.map((text) => ({
      ...text,
      text: escapeHtml(texts[text.name]),
      y: index + 1,
      xshift: text.x === 0 ? text.xshift - widest_px : text.xshift,
    }));
  });
  return { data, layout };
}

/** @param {any} pattern @param {Heading} heading @param {Curves} curves @param {Record<string, string>} notes by name */
export function curvesFigure(pattern, heading, { tags, window, history }, notes) {
  const { data: [trace], layout } = structuredClone(pattern);
  setHeading(layout, heading);
  for (const note of layout.annotations) note.text = escapeHtml(notes[note.name]);
  const has_legend = tags.length > 1;
  layout.showlegend = has_legend;
  if (!has_legend) {
    layout.height -= layout.meta.legend_px;
    layout.margin.t -= layout.meta.legend_px;
  }
  for (const [axis, curves] of /** @type {const} */ ([[layout.xaxis, window], [layout.xaxis2, history]])) {
    Object.assign(axis, timeAxis(curves.flatMap(({ points }) => points), axis.nticks));
  }
  const names = tags.map(({ label }) => escapeHtml(hashtag(label)));
  const step_ms = Math.max(0, ...history.map((curve) => curve.step_ms));
  const window_traces = traces(window, Number.POSITIVE_INFINITY, trace);
  const history_traces = traces(history, step_ms, trace);
  const data = [
    ...window_traces.map((curve, index) => ({ ...curve, name: names[index] })),
    ...history_traces.map((curve) => ({ ...curve, xaxis: "x2", yaxis: "y2", showlegend: false })),
  ];
  return { data, layout };
}

/** @param {any} layout @param {Heading} heading */
export function setHeading(layout, { title, subtitle, sources }) {
  layout.title.text = escapeHtml(title);
  layout.title.subtitle.text = [subtitle, sources].filter(Boolean).map(escapeHtml).join("<br>");
}
