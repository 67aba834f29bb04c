/** The saved picture of the view "Rising", as a Plotly figure. Its pattern is that of the ranking's picture. Pure. */

import { escapeHtml, hashtag, setHeading, truncate } from "./image_figures.js";

/** @typedef {import("./image_figures.js").Measure} Measure */
/** @typedef {import("./image_figures.js").Heading} Heading */
/**
 * `label` of the first tag, `others`: how many more tags the topic has. `values`: people per pane.
 * @typedef {{labels: string[], reason: string, details: string, values: number[],
 *   band: {mean: number, lower: number, upper: number}}} PictureTopic
 */

const ROW_PX = 104;
/** Where the curves begin, as a part of the drawing's width, and how much of the height of a row they take. */
const CURVE_FROM = 0.72;
const CURVE_HEIGHT = 0.7;
const MARGIN_PX = 40;
/** The width of the texts: they end before the curves. */
const TEXT_PX = 780;
const REASON_FONT_PX = 17;
const DETAILS_FONT_PX = 15;
/** Places of the lines of text in a row, from its middle, in pixels upwards. */
const LINES_PX = { tag: 28, reason: 0, details: -26 };

/** @param {any} pattern @param {Heading} heading @param {PictureTopic[]} topics @param {Measure} measure */
export function risingFigure(pattern, heading, topics, measure) {
  const { data: [bar], layout } = structuredClone(pattern);
  setHeading(layout, heading);
  layout.margin = { ...layout.margin, l: MARGIN_PX, r: MARGIN_PX };
  layout.height += topics.length * ROW_PX;
  layout.xaxis.range = [0, 1];
  layout.yaxis.range = [topics.length + 0.5, 0.5];
  /** @type {any[]} */
  const texts = layout.annotations;
  const [tag_text, plain_text] = ["tag", "share"].map((wanted) => texts.find(({ name }) => name === wanted));
  const [reason_font, details_font] = [
    { ...tag_text.font, size: REASON_FONT_PX, weight: 400 },
    { ...plain_text.font, size: DETAILS_FONT_PX },
  ];
  // `measure` is for the font of the tags, which is larger.
  const fit = (/** @type {string} */ text, /** @type {number} */ font_px) =>
    escapeHtml(truncate(text, (TEXT_PX * tag_text.font.size) / font_px, measure));
  layout.annotations = topics.flatMap(({ labels, reason, details }, index) => {
    const place = { x: 0, xanchor: "left", xshift: 0, y: index + 1 };
    const tags = fit(labels.map(hashtag).join("  "), tag_text.font.size);
    return [
      { ...tag_text, ...place, yshift: LINES_PX.tag, text: tags },
      { ...plain_text, ...place, yshift: LINES_PX.reason, text: fit(reason, REASON_FONT_PX), font: reason_font },
      { ...plain_text, ...place, yshift: LINES_PX.details, text: fit(details, DETAILS_FONT_PX), font: details_font },
    ];
  });
  const colours = { line: bar.marker.color, band: plain_text.font.color };
  return { data: topics.flatMap((topic, index) => curve(topic, index + 1, colours)), layout };
}

/**
 * The traces of one topic: the band of what is usual, and the curve in front of it.
 *
 * @param {PictureTopic} topic @param {number} row @param {{line: string, band: string}} colours @returns {any[]}
 */
function curve({ values, band }, row, colours) {
  const max = Math.max(1, band.upper, ...values);
  const y = (/** @type {number} */ value) => row + CURVE_HEIGHT / 2 - (value / max) * CURVE_HEIGHT;
  const x = (/** @type {number} */ index) => CURVE_FROM + ((1 - CURVE_FROM) * index) / Math.max(1, values.length - 1);
  const common = { type: "scatter", mode: "lines", hoverinfo: "skip", showlegend: false };
  const edges = [y(band.upper), y(band.upper), y(band.lower), y(band.lower)];
  return [
    {
      ...common,
      x: [CURVE_FROM, 1, 1, CURVE_FROM],
      y: edges,
      fill: "toself",
      fillcolor: colours.band,
      opacity: 0.3,
      line: { width: 0 },
    },
    { ...common, x: values.map((_, index) => x(index)), y: values.map(y), line: { color: colours.line, width: 3 } },
  ];
}
