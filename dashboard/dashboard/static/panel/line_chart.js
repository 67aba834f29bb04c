/** Curves of tags over time, as a Plotly chart. */

import { Plot } from "../ui/plot.js";
import { theme } from "../ui/theme.js";
import { tickLines, timeAxis } from "../ui/ticks.js";

/** Height of a line of the tick labels. */
const TICK_LINE_PX = 15;

/**
 * `points`: [time in ms, posts or people]. `band`: what is usual at each time, drawn behind the curve.
 * @typedef {{colour: string, dash: string, points: [number, number][], band?: {lower: number, upper: number}}} Curve
 */

/**
 * Add a gap where steps are missing: the posts of a tag that did not lead then are unknown, not 0. Pure.
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

/**
 * Sizes of marks: only points without neighbours get one, since a line would not show them.
 *
 * @param {[number, number | null][]} points
 */
export const markSizes = (points) =>
  points.map((_, index) => ((points[index - 1]?.[1] ?? null) === null && (points[index + 1]?.[1] ?? null) === null ? 5 : 0));

/**
 * The curves as Plotly traces. Pure.
 *
 * @param {Curve[]} curves @param {number} step_ms @param {any} pattern the trace to copy @returns {any[]}
 */
export const traces = (curves, step_ms, pattern) =>
  curves.map(({ colour, dash, points }) => {
    const all = withGaps(points, step_ms);
    return {
      ...pattern,
      x: all.map(([at_ms]) => at_ms),
      y: all.map(([, posts]) => posts),
      line: { ...pattern.line, color: colour || pattern.line.color, dash },
      marker: { color: colour || pattern.line.color, size: markSizes(all) },
    };
  });

/**
 * The bands behind the curves as Plotly traces. Pure.
 *
 * @param {Curve[]} curves @param {any} pattern the trace to copy @param {string} colour @returns {any[]}
 */
export const bands = (curves, pattern, colour) =>
  curves.flatMap(({ points, band }) => {
    if (!band || points.length === 0) return [];
    const [from_ms, to_ms] = [points[0][0], points[points.length - 1][0]];
    const x = [from_ms, to_ms, to_ms, from_ms];
    const y = [band.upper, band.upper, band.lower, band.lower];
    return [{ ...pattern, x, y, mode: "lines", fill: "toself", fillcolor: colour, opacity: 0.3, line: { width: 0 } }];
  });

/** @param {Curve[]} some @param {Curve[]} others */
const sameCurves = (some, others) =>
  some.length === others.length &&
  some.every(({ colour, dash, points, band }, index) => {
    const other = others[index];
    const same_band = band?.lower === other.band?.lower && band?.upper === other.band?.upper;
    return same_band && colour === other.colour && dash === other.dash && samePoints(points, other.points);
  });

/** @param {[number, number][]} some @param {[number, number][]} others */
const samePoints = (some, others) =>
  some === others ||
  (some.length === others.length && some.every(([x, y], index) => x === others[index][0] && y === others[index][1]));

export class LineChart {
  /** @param {HTMLElement} element @param {any} figures see dashboard/page/figures.py */
  constructor(element, figures) {
    this.figures = figures;
    /** @type {{curves: Curve[], step_ms: number}} */
    this.displayed = { curves: [], step_ms: 0 };
    this.plot = new Plot(element, () => this.#figure());
  }

  /** @param {Curve[]} curves @param {number} step_ms */
  show(curves, step_ms) {
    const same = step_ms === this.displayed.step_ms && sameCurves(curves, this.displayed.curves);
    this.displayed = { curves, step_ms };
    if (!same) void this.plot.draw();
  }

  #figure() {
    const { data: [pattern], layout } = structuredClone(this.figures[theme()].lines);
    const axis = timeAxis(this.displayed.curves.flatMap(({ points }) => points), layout.xaxis.nticks);
    Object.assign(layout.xaxis, axis);
    layout.margin.b += (tickLines(axis) - 1) * TICK_LINE_PX;
    const { curves, step_ms } = this.displayed;
    const data = [...bands(curves, pattern, layout.template.layout.font.color), ...traces(curves, step_ms, pattern)];
    return { data, layout };
  }
}
