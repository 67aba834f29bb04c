/** A Plotly chart in an element. It follows the size of the element and the theme of the page. */

import { onThemeChange } from "./theme.js";

const CONFIG = { displayModeBar: false, responsive: false, staticPlot: true };

export class Plot {
  /**
   * @param {HTMLElement} element
   * @param {() => {data: any[], layout: any}} figure returns what to draw; called for each drawing
   * @param {() => void} [onRedraw] called before each drawing except the first
   */
  constructor(element, figure, onRedraw = () => undefined) {
    this.element = element;
    this.figure = figure;
    this.onRedraw = onRedraw;
    /** Sizes of the last drawing and of the last requested drawing; empty before the first. */
    this.drawn_size = "";
    this.requested_size = "";
    /** Width of the last drawing. */
    this.width_px = 1;
    /** Drawings and animations run one after the other: Plotly can't run two at once. */
    this.queue = Promise.resolve();
    onThemeChange(() => this.#redraw());
    // The resize event comes before the frame's callbacks, the observer's callback after the frame's layout.
    addEventListener("resize", () => this.fit());
    new ResizeObserver(() => this.fit()).observe(element);
    document.addEventListener("visibilitychange", () => document.hidden || this.#redraw());
  }

  /** Draw again if the size of the element has changed. */
  fit() {
    if (this.requested_size !== "" && this.#size() !== this.requested_size) this.#redraw();
  }

  /** Draw the whole figure. This ends a running animation: all marks are at their final places. */
  draw() {
    this.requested_size = this.#size();
    this.queue = this.queue.then(() => this.#draw());
    return this.queue;
  }

  /**
   * Animate the first trace to new data.
   *
   * @param {() => object} data @param {number} duration_ms
   */
  animate(data, duration_ms) {
    const options = {
      mode: "immediate",
      transition: { duration: duration_ms, easing: "cubic-in-out" },
      frame: { duration: duration_ms, redraw: false },
    };
    this.queue = this.queue.then(() => {
      if (this.drawn_size === "") return;
      // The promise is rejected when the next animation starts before this one ends, or when the tab is hidden.
      void Plotly.animate(this.element, { data: [data()], traces: [0] }, options).catch(() => undefined);
    });
  }

  /** Change the colours of the first trace's marks; a running animation goes on. @param {() => string[]} colours */
  setColours(colours) {
    this.queue = this.queue.then(() => {
      if (this.drawn_size !== "") void Plotly.restyle(this.element, { "marker.color": [colours()] }, [0]);
    });
  }

  #redraw() {
    if (this.requested_size !== "") void this.draw();
  }

  #size() {
    return `${this.element.clientWidth}x${this.element.clientHeight}`;
  }

  async #draw() {
    const { clientWidth: width, clientHeight: height } = this.element;
    this.requested_size = this.#size();
    // A hidden chart is drawn when it gets a size or when the tab becomes visible.
    if (width === 0 || height === 0 || document.hidden) return;
    if (this.drawn_size !== "") this.onRedraw();
    this.drawn_size = this.requested_size;
    this.width_px = width;
    const { data, layout } = this.figure();
    // During a transition `react` does not update the clip path, and the old bars go on moving. `newPlot` ends it.
    await Plotly.newPlot(this.element, data, { ...layout, width, height }, CONFIG);
  }
}
