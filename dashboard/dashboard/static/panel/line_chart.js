/** Curves of tags over time, drawn by Plotly. */

import { Plot } from "../ui/plotly.js";
import { theme } from "../ui/theme.js";
import { linesOfTicks, timeAxis } from "../ui/ticks.js";

/** Height of a line of the ticks' texts. */
const TICK_LINE_PX = 15;

/** @typedef {{colour: string, dash: string, points: [number, number][]}} Curve points: time in ms, posts */

/**
 * Break the curve where steps are missing: what was not among the leading tags then is not known, and not 0. Pure.
 *
 * @param {[number, number][]} points oldest first @param {number} step_ms
 * @returns {[number, number | null][]}
 */
export function withGaps(points, step_ms) {
  return points.flatMap(([at_ms, posts], index) => {
    const next_ms = points[index + 1]?.[0] ?? at_ms + step_ms;
    /** @type {[number, number | null][]} */
    const gap = next_ms - at_ms > 1.5 * step_ms ? [[at_ms + step_ms, null]] : [];
    return [[at_ms, posts], ...gap];
  });
}

/** Marks for points that have no neighbour: a line alone would not show them. @param {[number, number | null][]} points */
export const loneMarks = (points) =>
  points.map((_, index) => ((points[index - 1]?.[1] ?? null) === null && (points[index + 1]?.[1] ?? null) === null ? 5 : 0));

/**
 * The curves as Plotly's traces. Pure.
 *
 * @param {Curve[]} curves @param {number} step_ms @param {any} pattern of a trace @returns {any[]}
 */
export const traces = (curves, step_ms, pattern) =>
  curves.map(({ colour, dash, points }) => {
    const all = withGaps(points, step_ms);
    return {
      ...pattern,
      x: all.map(([at_ms]) => at_ms),
      y: all.map(([, posts]) => posts),
      line: { ...pattern.line, color: colour || pattern.line.color, dash },
      marker: { color: colour || pattern.line.color, size: loneMarks(all) },
    };
  });

/** @param {Curve[]} some @param {Curve[]} others */
const sameCurves = (some, others) =>
  some.length === others.length &&
  some.every(({ colour, dash, points }, at) => {
    const other = others[at];
    return colour === other.colour && dash === other.dash && samePoints(points, other.points);
  });

/** @param {[number, number][]} some @param {[number, number][]} others */
const samePoints = (some, others) =>
  some === others ||
  (some.length === others.length && some.every(([x, y], at) => x === others[at][0] && y === others[at][1]));

export class Lines {
  /** @param {HTMLElement} element @param {any} figures see dashboard/page/figures.py */
  constructor(element, figures) {
    this.figures = figures;
    /** @type {{curves: Curve[], step_ms: number}} */
    this.shown = { curves: [], step_ms: 0 };
    this.plot = new Plot(element, () => this.#figure());
  }

  /** @param {Curve[]} curves @param {number} step_ms */
  show(curves, step_ms) {
    const same = step_ms === this.shown.step_ms && sameCurves(curves, this.shown.curves);
    this.shown = { curves, step_ms };
    if (!same) void this.plot.draw();
  }

  #figure() {
    const { data: [pattern], layout } = structuredClone(this.figures[theme()].lines);
    const axis = timeAxis(this.shown.curves.flatMap(({ points }) => points), layout.xaxis.nticks);
    Object.assign(layout.xaxis, axis);
    layout.margin.b += (linesOfTicks(axis) - 1) * TICK_LINE_PX;
    return { data: traces(this.shown.curves, this.shown.step_ms, pattern), layout };
  }
}
