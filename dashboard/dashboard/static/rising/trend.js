/** The curve of a rising tag: people per pane, in front of the band of what is usual. An SVG without axes. */

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 100;
const HEIGHT = 40;
/** Half of the line's thickness, so that the line is not cut off. */
const INSET = 1;

/**
 * The paths of a curve and its band. 0 is at the bottom; the greatest value or the upper edge of the band is at the top.
 * Pure.
 *
 * @param {number[]} values people per pane, oldest first @param {{lower: number, upper: number}} band
 * @returns {{line: string, band: string}} SVG path data in a box of 100 by 40
 */
export function trendPaths(values, { lower, upper }) {
  const max = Math.max(1, upper, ...values);
  const y = (/** @type {number} */ value) => round(HEIGHT - INSET - (value / max) * (HEIGHT - 2 * INSET));
  const step = WIDTH / Math.max(1, values.length - 1);
  const points = values.map((value, index) => `${round(index * step)} ${y(value)}`);
  return {
    line: values.length > 1 ? `M${points.join("L")}` : "",
    band: `M0 ${y(upper)}H${WIDTH}V${y(lower)}H0Z`,
  };
}

export class Trend {
  constructor() {
    this.element = document.createElementNS(SVG, "svg");
    this.element.setAttribute("class", "trend");
    this.element.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
    this.element.setAttribute("preserveAspectRatio", "none");
    this.element.setAttribute("aria-hidden", "true");
    this.paths = { band: this.#path("band"), line: this.#path("line") };
  }

  /** @param {number[]} values @param {{lower: number, upper: number}} band */
  show(values, band) {
    const data = trendPaths(values, band);
    for (const name of /** @type {const} */ (["band", "line"])) {
      if (this.paths[name].getAttribute("d") !== data[name]) this.paths[name].setAttribute("d", data[name]);
    }
  }

  /** @param {string} className */
  #path(className) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("class", className);
    this.element.append(path);
    return path;
  }
}

/** @param {number} value */
const round = (value) => Math.round(value * 10) / 10;
