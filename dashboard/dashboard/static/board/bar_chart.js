/** The bar chart. The figure comes from the server (dashboard/page/figures.py); this class animates it. */

import { Plot } from "../ui/plot.js";
import { canAnimate, moreContrast, theme } from "../ui/theme.js";

/** @typedef {import("../model/page_types.js").Placed} Placed */

/**
 * Length of the shortest bar. Plotly draws a bar of length 0 as a point, and animates it through a slanted wedge.
 * Plotly rounds to a hundredth of a pixel; this length is invisible on every screen.
 */
const SHORTEST_PX = 0.02;

export class BarChart {
  /**
   * @param {HTMLElement} element @param {any} figures see dashboard/page/figures.py
   * @param {() => void} onRedraw called when a redraw ends the animation of the bars
   */
  constructor(element, figures, onRedraw) {
    this.element = element;
    this.figures = figures;
    this.places = 0;
    /** @type {(Placed | null)[]} by slot */
    this.leaders = [];
    /** Lengths of the bars, by slot; the longest has 1. @type {number[]} */
    this.lengths = [];
    /** @type {Map<string, string>} */
    this.colours = new Map();
    /** The number that a bar displays. @type {(leader: Placed) => number} */
    this.valueOf = ({ posts }) => posts;
    this.plot = new Plot(element, () => this.#figure(), onRedraw);
  }

  /** Empty all slots. @param {number} slots @param {number} places how many bars are visible */
  reset(slots, places) {
    this.places = places;
    this.leaders = new Array(slots).fill(null);
    this.lengths = new Array(slots).fill(0);
    void this.plot.draw();
  }

  /** Draw again if the size of the chart has changed. */
  fit() {
    this.plot.fit();
  }

  /** End the running animation. */
  endAnimation() {
    void this.plot.draw();
  }

  /**
   * Animate the bars to these leaders, or jump if animations are off.
   *
   * @param {(Placed | null)[]} leaders by slot @param {Map<string, string>} colours of the pinned tags, by key
   * @param {(leader: Placed) => number} valueOf the number that a bar displays
   */
  show(leaders, colours, valueOf) {
    const colours_before = this.#barColours().join();
    this.valueOf = valueOf;
    this.leaders = leaders;
    this.colours = colours;
    this.#updateLengths();
    if (!canAnimate()) void this.plot.draw();
    else {
      if (this.#barColours().join() !== colours_before) this.plot.setColours(() => this.#barColours());
      this.plot.animate(() => this.#bars(), this.figures.transition_ms);
    }
  }

  #figure() {
    const { data, layout } = structuredClone(this.figures[theme()].bars);
    layout.yaxis.range = [this.places + 0.5, 0.5];
    // The style sheet sets where in its row a bar lies.
    const style = getComputedStyle(this.element);
    data[0].width = Number(style.getPropertyValue("--bar-width"));
    data[0].offset = Number(style.getPropertyValue("--bar-offset"));
    data[0].marker.color = this.#barColours();
    Object.assign(data[0], this.#bars());
    return { data, layout };
  }

  /** Colours of the bars, by slot. @returns {string[]} */
  #barColours() {
    const { color } = this.figures[theme()].bars.data[0].marker;
    const default_colour = moreContrast() ? getComputedStyle(this.element).color : color;
    return this.leaders.map((leader) => (leader && this.colours.get(leader.key)) || default_colour);
  }

  /** Set the lengths. A hidden bar, and a bar that leaves, keeps its length: that saves animation work. */
  #updateLengths() {
    const visible = this.leaders.map((leader) => (leader && leader.place <= this.places ? this.valueOf(leader) : null));
    const max = Math.max(1, ...visible.map((value) => value ?? 0));
    this.lengths = visible.map((value, slot) => (value === null ? this.lengths[slot] : value / max));
  }

  /** Lengths and places of the bars, by slot. */
  #bars() {
    const shortest = SHORTEST_PX / this.plot.width_px;
    return {
      x: this.lengths.map((length) => Math.max(length, shortest)),
      // All hidden bars are at one place directly below the visible ones, so that they slide in and out.
      y: this.leaders.map((leader) => Math.min(leader?.place ?? Infinity, this.places + 1)),
    };
  }
}
