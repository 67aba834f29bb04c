/** Labels of the bars: a tag as it was written and its count, as text that Plotly takes literally. */

import { count } from "./format.js";

/** Unicode isolates: a right-to-left tag must not pull the count to its other side. */
const ISOLATE = "\u2068";
const POP_ISOLATE = "\u2069";
/** Off the bar's edge. */
const INDENT = "\u2002";

/**
 * Plotly reads a subset of HTML in its texts and resolves character references only after looking for tags.
 *
 * @param {string} text
 */
export const escapeText = (text) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replace(/\s+/g, " ");

/**
 * Cut `text` at its end, with an ellipsis, so that `fits` holds.
 *
 * @param {string} text @param {(text: string) => boolean} fits
 */
export function cut(text, fits) {
  if (fits(text)) return text;
  const letters = Array.from(new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text), (s) => s.segment);
  let [low, high] = [0, letters.length];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(`${letters.slice(0, middle).join("")}…`)) low = middle;
    else high = middle - 1;
  }
  return `${letters.slice(0, Math.max(1, low)).join("")}…`;
}

/**
 * @param {{label: string, posts: number}} leader
 * @param {(text: string) => number} width pixels of a text
 * @param {number} room pixels for the whole label
 */
export function barLabel({ label, posts }, width, room) {
  // No markup: Plotly would turn it into style attributes, which the Content-Security-Policy forbids.
  const number = `\u2003${count(posts)}`;
  const left = room - width(INDENT + number);
  const tag = cut(`#${label}`, (text) => width(text) <= left);
  return `${INDENT}${ISOLATE}${escapeText(tag)}${POP_ISOLATE}${number}`;
}
