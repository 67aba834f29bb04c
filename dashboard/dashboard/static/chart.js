/** The bars. The figure comes from the server (dashboard/figure.py); this moves it. */

import { mayMove, onThemeChange, theme } from "./theme.js";

/** @typedef {import("./types.js").Leader} Leader */

export class Chart {
  /** @param {HTMLElement} element @param {any} figures see dashboard/figure.py */
  constructor(element, figures) {
    this.element = element;
    this.figures = figures;
    this.ranks = 0;
    /** @type {(Leader | null)[]} by slot */
    this.leaders = [];
    /** Of the bars, by slot; 1 is that of the longest. @type {number[]} */
    this.lengths = [];
    /** @type {Map<string, string>} */
    this.colours = new Map();
    /** Draws and moves one after the other: Plotly does not bear them at once. */
    this.last = Promise.resolve();
    this.drawn = "";
    onThemeChange(() => this.#redraw());
    new ResizeObserver(() => {
      if (this.drawn !== "" && this.#size() !== this.drawn) this.#redraw();
    }).observe(element);
  }

  /** Begin anew, with every slot empty. @param {number} slots @param {number} ranks in sight */
  reset(slots, ranks) {
    this.ranks = ranks;
    this.leaders = new Array(slots).fill(null);
    this.lengths = new Array(slots).fill(0);
    this.#redraw();
  }

  /**
   * Glide, or jump where motion is unwanted.
   *
   * @param {(Leader | null)[]} leaders by slot @param {Map<string, string>} colours of tags that are pinned
   */
  show(leaders, colours) {
    const same = this.#colours(leaders, colours).join() === this.#colours(this.leaders, this.colours).join();
    this.leaders = leaders;
    this.colours = colours;
    // Colours don't glide; they come with a whole drawing, which is rare.
    if (!same) this.#redraw();
    this.#move();
  }

  #move() {
    const duration = mayMove() ? this.figures.transition_ms : 0;
    const options = {
      mode: "immediate",
      transition: { duration, easing: "cubic-in-out" },
      frame: { duration, redraw: false },
    };
    this.last = this.last.then(() => {
      // The promise is rejected when the next update comes before this one has arrived, or the tab is hidden.
      void Plotly.animate(this.element, { data: [this.#bars()], traces: [0] }, options).catch(() => undefined);
    });
  }

  #redraw() {
    this.last = this.last.then(() => this.#draw());
    // Bars that were on their way would go on to where they belonged before; only another transition ends theirs.
    this.#move();
  }

  #size() {
    return `${this.element.clientWidth}x${this.element.clientHeight}`;
  }

  async #draw() {
    const { data, layout } = structuredClone(this.figures[theme()].bars);
    this.drawn = this.#size();
    layout.width = this.element.clientWidth;
    layout.height = this.element.clientHeight;
    layout.yaxis.range = [this.ranks + 0.5, 0.5];
    // Where in its row a bar lies is for the style sheet to say.
    const style = getComputedStyle(this.element);
    data[0].width = Number(style.getPropertyValue("--bar-width"));
    data[0].offset = Number(style.getPropertyValue("--bar-offset"));
    data[0].marker.color = this.#colours(this.leaders, this.colours).map((colour) => colour || data[0].marker.color);
    Object.assign(data[0], this.#bars());
    await Plotly.react(this.element, data, layout, { displayModeBar: false, responsive: false, staticPlot: true });
  }

  /**
   * The colour of each slot; empty is the usual one.
   *
   * @param {(Leader | null)[]} leaders @param {Map<string, string>} colours @returns {string[]}
   */
  #colours(leaders, colours) {
    return leaders.map((leader) => (leader && colours.get(leader.key)) ?? "");
  }

  /** Length and place of each slot's bar. */
  #bars() {
    const most = Math.max(1, ...this.leaders.map((leader) => leader?.posts ?? 0));
    // A bar that leaves keeps its length, and one that waits out of sight has its last: what stands still costs no frame.
    this.lengths = this.leaders.map((leader, slot) =>
      leader && leader.rank <= this.ranks ? leader.posts / most : this.lengths[slot],
    );
    return {
      x: this.lengths,
      // All that are out of sight wait at one place right below, so that they slide in and out.
      y: this.leaders.map((leader) => Math.min(leader?.rank ?? Infinity, this.ranks + 1)),
    };
  }
}
