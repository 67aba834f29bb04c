/** The bars. The figure comes from the server (dashboard/page/figures.py); this moves it. */

import { Plot } from "../ui/plotly.js";
import { mayMove, moreContrast, theme } from "../ui/theme.js";

/** @typedef {import("../model/page_types.js").Placed} Placed */

/**
 * The shortest bar: Plotly draws a bar of length 0 as a point, and a point that grows into a bar is a slanted wedge on
 * its way. Plotly rounds to a hundredth of a pixel; no screen shows this one.
 */
const SHORTEST_PX = 0.02;

export class Chart {
  /**
   * @param {HTMLElement} element @param {any} figures see dashboard/page/figures.py
   * @param {() => void} arrive called when the bars stop gliding, because all is drawn again
   */
  constructor(element, figures, arrive) {
    this.element = element;
    this.figures = figures;
    this.ranks = 0;
    /** @type {(Placed | null)[]} by slot */
    this.leaders = [];
    /** Of the bars, by slot; 1 is that of the longest. @type {number[]} */
    this.lengths = [];
    /** @type {Map<string, string>} */
    this.colours = new Map();
    this.plot = new Plot(element, () => this.#figure(), arrive);
  }

  /** Start again, with every slot empty. @param {number} slots @param {number} ranks in sight */
  reset(slots, ranks) {
    this.ranks = ranks;
    this.leaders = new Array(slots).fill(null);
    this.lengths = new Array(slots).fill(0);
    void this.plot.draw();
  }

  /** Draw again if the page has given the chart another size. */
  fit() {
    this.plot.fit();
  }

  /** End the glide. */
  arrive() {
    void this.plot.draw();
  }

  /**
   * Glide, or jump where motion is unwanted.
   *
   * @param {(Placed | null)[]} leaders by slot @param {Map<string, string>} colours of tags that are pinned
   */
  show(leaders, colours) {
    const before = this.#marks().join();
    this.leaders = leaders;
    this.colours = colours;
    this.#measure();
    if (!mayMove()) void this.plot.draw();
    else {
      if (this.#marks().join() !== before) this.plot.colour(() => this.#marks());
      this.plot.move(() => this.#bars(), this.figures.transition_ms);
    }
  }

  #figure() {
    const { data, layout } = structuredClone(this.figures[theme()].bars);
    layout.yaxis.range = [this.ranks + 0.5, 0.5];
    // Where in its row a bar lies is for the style sheet to say.
    const style = getComputedStyle(this.element);
    data[0].width = Number(style.getPropertyValue("--bar-width"));
    data[0].offset = Number(style.getPropertyValue("--bar-offset"));
    data[0].marker.color = this.#marks();
    Object.assign(data[0], this.#bars());
    return { data, layout };
  }

  /** The colour of each slot's bar. @returns {string[]} */
  #marks() {
    const { color } = this.figures[theme()].bars.data[0].marker;
    const usual = moreContrast() ? getComputedStyle(this.element).color : color;
    return this.leaders.map((leader) => (leader && this.colours.get(leader.key)) || usual);
  }

  /** Set the lengths. A bar that leaves keeps its length, and one that waits out of sight too: that costs no frame. */
  #measure() {
    const seen = this.leaders.map((leader) => (leader && leader.place <= this.ranks ? leader.posts : null));
    const most = Math.max(1, ...seen.map((posts) => posts ?? 0));
    this.lengths = seen.map((posts, slot) => (posts === null ? this.lengths[slot] : posts / most));
  }

  /** Length and place of each slot's bar. */
  #bars() {
    const shortest = SHORTEST_PX / this.plot.width;
    return {
      x: this.lengths.map((length) => Math.max(length, shortest)),
      // All that are out of sight wait at one place right below, so that they slide in and out.
      y: this.leaders.map((leader) => Math.min(leader?.place ?? Infinity, this.ranks + 1)),
    };
  }
}
