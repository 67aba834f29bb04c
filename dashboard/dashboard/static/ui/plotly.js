/** One chart of Plotly's in an element: it always has the size and the theme of the page. */

import { onThemeChange } from "./theme.js";

const CONFIG = { displayModeBar: false, responsive: false, staticPlot: true };

export class Plot {
  /**
   * @param {HTMLElement} element
   * @param {() => {data: any[], layout: any}} figure what to draw, asked for at each drawing
   * @param {() => void} [drawing] called before each drawing, except the first
   */
  constructor(element, figure, drawing = () => undefined) {
    this.element = element;
    this.figure = figure;
    this.drawing = drawing;
    /** The size that the last drawing has, and the one that is asked for; empty before the first. */
    this.drawn = "";
    this.asked = "";
    /** Pixels of the last drawing. */
    this.width = 1;
    /** Drawings and moves run one after the other: Plotly can't do two at once. */
    this.last = Promise.resolve();
    onThemeChange(() => this.#again());
    // The first comes before the frame's callbacks, the second after its layout.
    addEventListener("resize", () => this.fit());
    new ResizeObserver(() => this.fit()).observe(element);
    document.addEventListener("visibilitychange", () => document.hidden || this.#again());
  }

  /** Draw again if the element has another size than the drawing. */
  fit() {
    if (this.asked !== "" && this.#size() !== this.asked) this.#again();
  }

  /** Draw all of it. Nothing moves afterwards: what was on its way has arrived. */
  draw() {
    this.asked = this.#size();
    this.last = this.last.then(() => this.#draw());
    return this.last;
  }

  /**
   * Glide to other data of the first trace.
   *
   * @param {() => object} data @param {number} duration_ms
   */
  move(data, duration_ms) {
    const options = {
      mode: "immediate",
      transition: { duration: duration_ms, easing: "cubic-in-out" },
      frame: { duration: duration_ms, redraw: false },
    };
    this.last = this.last.then(() => {
      if (this.drawn === "") return;
      // The promise is rejected when the next move comes before this one has arrived, or the tab is hidden.
      void Plotly.animate(this.element, { data: [data()], traces: [0] }, options).catch(() => undefined);
    });
  }

  /** Give the first trace's marks other colours; what moves goes on. @param {() => string[]} colours */
  colour(colours) {
    this.last = this.last.then(() => {
      if (this.drawn !== "") void Plotly.restyle(this.element, { "marker.color": [colours()] }, [0]);
    });
  }

  #again() {
    if (this.asked !== "") void this.draw();
  }

  #size() {
    return `${this.element.clientWidth}x${this.element.clientHeight}`;
  }

  async #draw() {
    const { clientWidth: width, clientHeight: height } = this.element;
    this.asked = this.#size();
    // Out of sight: it is drawn when it has a size, or the tab is seen again.
    if (width === 0 || height === 0 || document.hidden) return;
    if (this.drawn !== "") this.drawing();
    this.drawn = this.asked;
    this.width = width;
    const { data, layout } = this.figure();
    // `react` in the middle of a transition keeps the old clip path, and the old bars go on moving. `newPlot` ends it.
    await Plotly.newPlot(this.element, data, { ...layout, width, height }, CONFIG);
  }
}
