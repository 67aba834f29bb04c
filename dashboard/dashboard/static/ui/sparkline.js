/** Sparklines: small SVG curves without axes. */

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 100;
const HEIGHT = 24;
/** Half of the line's thickness, so that the line is not cut off. */
const INSET = 1.5;

/**
 * The line through `values` at equal steps. 0 is at the bottom, the greatest value at the top. Pure.
 *
 * @param {number[]} values
 * @returns {{line: string, area: string}} SVG path data in a box of 100 by 24
 */
export function sparklinePaths(values) {
  if (values.length < 2) return { line: "", area: "" };
  const max = Math.max(1, ...values);
  const step = WIDTH / (values.length - 1);
  const points = values.map((value, index) => {
    const y = HEIGHT - INSET - (value / max) * (HEIGHT - 2 * INSET);
    return `${round(index * step)} ${round(y)}`;
  });
  const line = `M${points.join("L")}`;
  return { line, area: `${line}L${WIDTH} ${HEIGHT}L0 ${HEIGHT}Z` };
}

export class Sparkline {
  /** @param {string} className of the SVG element */
  constructor(className) {
    this.element = document.createElementNS(SVG, "svg");
    this.element.setAttribute("class", className);
    this.element.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
    this.element.setAttribute("preserveAspectRatio", "none");
    this.element.setAttribute("aria-hidden", "true");
    this.area = this.#path("area");
    this.line = this.#path("line");
  }

  /** @param {number[]} values oldest first */
  show(values) {
    const { line, area } = sparklinePaths(values);
    if (line === this.line.getAttribute("d")) return;
    this.line.setAttribute("d", line);
    this.area.setAttribute("d", area);
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
