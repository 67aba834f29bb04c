/** Parts that several drawings of the lesson have. */

import { make, setStyle, setTagText } from "../ui/dom.js";
import { shortDuration } from "../i18n/format.js";
import { stepsOf } from "../model/lesson.js";
import { words } from "../i18n/messages.js";

/** What a stage shows: facts of this micro-batch, and a drawing. @typedef {{facts: string[], drawing: Node[]}} Shown */

/** A hashtag with its own writing direction. @param {string} label */
export function tagName(label) {
  const name = make("span", "lesson-tag");
  setTagText(name, label);
  return name;
}

/**
 * A bar of one or more parts, for the eye only: the numbers beside it say the same.
 *
 * @param {[className: string, part: number][]} parts each from 0 to 1 of the whole width
 */
export function bar(...parts) {
  const element = make("span", "lesson-bar");
  element.setAttribute("aria-hidden", "true");
  for (const [className, part] of parts) {
    const piece = make("span", className);
    setStyle(piece, "--part", String(part));
    element.append(piece);
  }
  return element;
}

/**
 * Rows appear one after the other, if the viewer has no objection to motion.
 *
 * @template {HTMLElement} T @param {T[]} rows @returns {T[]} the same
 */
export function oneByOne(rows) {
  rows.forEach((row, index) => {
    row.classList.add("lesson-comes");
    setStyle(row, "--at", String(index));
  });
  return rows;
}

/**
 * A table of numbers.
 *
 * @param {string} className @param {string[]} heads of the columns; empty for a column that only the eye needs
 * @param {(Node | string)[][]} rows the first cell is the row's header
 */
export function table(className, heads, rows) {
  const head = make("tr", "", ...heads.map((text) => (text ? columnHead(text) : make("td"))));
  const body = rows.map(([first, ...cells]) => {
    const header = make("th", "", first);
    header.scope = "row";
    return make("tr", "", header, ...cells.map((cell) => make("td", "", cell)));
  });
  return make("table", `lesson-table ${className}`, make("thead", "", head), make("tbody", "", ...oneByOne(body)));
}

/** @param {string} text */
function columnHead(text) {
  const head = make("th", "", text);
  head.scope = "col";
  return head;
}

/** A list that scrolls if it has no space. @param {string} label @param {HTMLElement[]} rows */
export function scrollingList(label, rows) {
  const list = make("ol", "lesson-list", ...oneByOne(rows));
  list.tabIndex = 0;
  list.setAttribute("role", "list");
  list.setAttribute("aria-label", label);
  return list;
}

/**
 * How long the steps of a stage took.
 *
 * @param {import("../model/types.js").Trace} trace @param {string[]} names of the steps
 */
export function stepTexts(trace, names) {
  const { steps, places, took } = words.lesson;
  return stepsOf(trace, names).map(({ stage, place, took_ms }) =>
    took(steps[stage] ?? stage, places[place] ?? place, shortDuration(took_ms)));
}
