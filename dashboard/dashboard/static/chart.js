/** The bars. The figure comes from the server; this moves it. */

import { barLabel } from "./labels.js";
import { Slots } from "./slots.js";

/** @typedef {import("./types.js").Leader} Leader */

const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");
const darkTheme = matchMedia("(prefers-color-scheme: dark)");

export class Chart {
  /** @param {HTMLElement} element @param {any} figures see dashboard/figure.py */
  constructor(element, figures) {
    this.element = element;
    this.figures = figures;
    this.topN = figures.top_n;
    this.slots = new Slots(figures.light.data[0].y.length, this.topN);
    /** @type {Leader[]} */
    this.top = [];
    this.ranks = 0;
    this.pen = /** @type {CanvasRenderingContext2D} */ (document.createElement("canvas").getContext("2d"));
  }

  /** Draw the empty figure, and again whenever theme or size change. */
  async start() {
    await this.#draw();
    darkTheme.addEventListener("change", () => this.#draw());
    let drawn = this.#size();
    new ResizeObserver(() => {
      const size = this.#size();
      if (size !== drawn) this.#draw();
      drawn = size;
    }).observe(this.element);
  }

  /** Glide to `top`, or jump: where motion is unwanted, or nobody sees it. @param {Leader[]} top by rank */
  async show(top) {
    this.top = top;
    const ranks = Math.min(this.topN, top.length);
    if (ranks !== this.ranks) {
      this.ranks = ranks;
      await Plotly.relayout(this.element, { "yaxis.tickvals": numbers(ranks) });
    }
    const jump = reducedMotion.matches || document.hidden;
    await this.#move(this.#bars(this.slots.assign(top)), jump ? 0 : this.figures.transition_ms);
  }

  /** @param {object} bars @param {number} duration milliseconds */
  async #move(bars, duration) {
    const options = {
      mode: "immediate",
      transition: { duration, easing: "cubic-in-out" },
      frame: { duration, redraw: false },
    };
    // The promise is rejected when the next update comes before this one has arrived, or the tab is hidden.
    await Plotly.animate(this.element, { data: [bars], traces: [0] }, options).catch(() => undefined);
  }

  #size() {
    return `${this.element.clientWidth}x${this.element.clientHeight}`;
  }

  /** Font size in pixels: of the row's height, within what reads well. */
  #fontSize() {
    const row = this.element.clientHeight / this.topN;
    return Math.max(12, Math.min(row * 0.36, this.element.clientWidth / 22, 64));
  }

  async #draw() {
    const { data, layout } = structuredClone(darkTheme.matches ? this.figures.dark : this.figures.light);
    const size = this.#fontSize();
    layout.font = { size };
    layout.margin.l = Math.round(size * 1.9);
    layout.margin.pad = Math.round(size * 0.55);
    layout.width = this.element.clientWidth;
    layout.height = this.element.clientHeight;
    layout.yaxis.tickvals = numbers(this.ranks);
    Object.assign(data[0], this.#bars(this.slots.leaders));
    await Plotly.react(this.element, data, layout, { displayModeBar: false, responsive: false });
  }

  /** @param {(Leader | null)[]} leaders by slot */
  #bars(leaders) {
    const most = Math.max(1, ...this.top.map(({ posts }) => posts));
    const size = this.#fontSize();
    const { template } = this.figures.light.layout;
    this.pen.font = `${this.figures.light.data[0].insidetextfont.weight} ${size}px ${template.layout.font.family}`;
    const width = (/** @type {string} */ text) => this.pen.measureText(text).width;
    const room = this.element.clientWidth - size * 3;
    return {
      x: leaders.map((leader) => (leader ? leader.posts / most : 0)),
      y: leaders.map((leader) => (leader ? leader.rank : this.figures.parked_rank)),
      text: leaders.map((leader) => (leader ? barLabel(leader, width, room) : "")),
    };
  }
}

/** 1, 2, … `last`. @param {number} last */
const numbers = (last) => Array.from({ length: last }, (_, index) => index + 1);
