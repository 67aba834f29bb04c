/** What is shown, as a figure that can stand alone. The patterns come from dashboard/page/figures.py. Pure. */

import { traces } from "../panel/line_chart.js";
import { timeAxis } from "../ui/ticks.js";

/** @typedef {import("../model/curves.js").Curves} Curves */
/** @typedef {(text: string) => number} Measure width of a text in the picture, in its pixels */
/** @typedef {{label: string, posts: number, colour: string, rank: string, count: string, share: string}} PictureRow */
/** Lines of the heading: what it is, what is shown, where the posts are from.
 * @typedef {{title: string, subtitle: string, sources: string}} Heading */

const RIGHT_TO_LEFT = /^[^\p{L}]*[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;
const RIGHT_TO_LEFT_MARK = "\u200F";

/** Plotly reads tags and entities of HTML in every text. @param {string} text */
export const plain = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** A hashtag, whose # stands where its script begins. @param {string} label */
export const hashtag = (label) => `${RIGHT_TO_LEFT.test(label) ? RIGHT_TO_LEFT_MARK : ""}#${label}`;

/**
 * The text, cut at its end where it is wider than `most_px`.
 *
 * @param {string} text @param {number} most_px @param {Measure} measure
 */
export function fit(text, most_px, measure) {
  if (measure(text) <= most_px) return text;
  const letters = [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment);
  while (letters.length > 1 && measure(`${letters.join("")}…`) > most_px) letters.pop();
  return `${letters.join("")}…`;
}

/** @param {any} pattern @param {Heading} heading @param {PictureRow[]} rows @param {Measure} measure */
export function rankingFigure(pattern, heading, rows, measure) {
  const { data, layout } = structuredClone(pattern);
  const { row_px, label_px } = layout.meta;
  const labels = rows.map(({ label }) => fit(hashtag(label), label_px, measure));
  const wide_px = Math.ceil(Math.max(0, ...labels.map(measure)));
  write(layout, heading);
  layout.margin.l += wide_px;
  layout.height += rows.length * row_px;
  layout.yaxis.range = [rows.length + 0.5, 0.5];
  const most = Math.max(1, ...rows.map(({ posts }) => posts));
  data[0].x = rows.map(({ posts }) => posts / most);
  data[0].y = rows.map((_, place) => place + 1);
  data[0].marker.color = rows.map(({ colour }) => colour || data[0].marker.color);
  /** @type {any[]} */
  const patterns = layout.annotations;
  layout.annotations = rows.flatMap(({ rank, count, share }, place) => {
    /** @type {Record<string, string>} */
    const texts = { rank, tag: labels[place], posts: count, share };
    return patterns.map((text) => ({
      ...text,
      text: plain(texts[text.name]),
      y: place + 1,
      xshift: text.x === 0 ? text.xshift - wide_px : text.xshift,
    }));
  });
  return { data, layout };
}

/** @param {any} pattern @param {Heading} heading @param {Curves} curves @param {Record<string, string>} notes by name */
export function curvesFigure(pattern, heading, { tags, window, history }, notes) {
  const { data: [trace], layout } = structuredClone(pattern);
  write(layout, heading);
  for (const note of layout.annotations) note.text = plain(notes[note.name]);
  const compared = tags.length > 1;
  layout.showlegend = compared;
  if (!compared) {
    layout.height -= layout.meta.legend_px;
    layout.margin.t -= layout.meta.legend_px;
  }
  for (const [axis, drawn] of /** @type {const} */ ([[layout.xaxis, window], [layout.xaxis2, history]])) {
    Object.assign(axis, timeAxis(drawn.flatMap(({ points }) => points), axis.nticks));
  }
  const names = tags.map(({ label }) => plain(hashtag(label)));
  const step_ms = Math.max(0, ...history.map((curve) => curve.step_ms));
  const upper = traces(window, Number.POSITIVE_INFINITY, trace);
  const lower = traces(history, step_ms, trace);
  const data = [
    ...upper.map((curve, place) => ({ ...curve, name: names[place] })),
    ...lower.map((curve) => ({ ...curve, xaxis: "x2", yaxis: "y2", showlegend: false })),
  ];
  return { data, layout };
}

/** @param {any} layout @param {Heading} heading */
function write(layout, { title, subtitle, sources }) {
  layout.title.text = plain(title);
  layout.title.subtitle.text = [subtitle, sources].filter(Boolean).map(plain).join("<br>");
}
