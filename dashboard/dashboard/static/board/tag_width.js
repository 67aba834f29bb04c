/** How wide the column of the tags is, so that none is cut without need. */

/** A tag that left keeps its room so long: it may come back, and the bars should not change their length each second. */
const KEPT_MS = 60_000;
/** The width goes in steps, for the same reason. */
const STEP_EM = 2;
/** Tags of this width need more room than a tablet has beside all columns. */
export const LONG_EM = 14;
const MEASURED_AT_PX = 100;

/** @returns {(text: string) => number} widths of a text in the font of the tags, in em */
function measure() {
  const context = /** @type {CanvasRenderingContext2D} */ (document.createElement("canvas").getContext("2d"));
  context.font = `600 ${MEASURED_AT_PX}px ${getComputedStyle(document.documentElement).fontFamily}`;
  return (text) => context.measureText(text).width / MEASURED_AT_PX;
}

export class TagWidth {
  /** @param {(text: string) => number} [widthOf] in em */
  constructor(widthOf = measure()) {
    this.widthOf = widthOf;
    /** @type {Map<string, {em: number, seen_ms: number}>} by label */
    this.known = new Map();
  }

  /**
   * The width of the longest of these and of those shown shortly before, in em.
   *
   * @param {string[]} labels @param {number} at_ms
   */
  of(labels, at_ms) {
    for (const label of labels) {
      this.known.set(label, { em: this.known.get(label)?.em ?? this.widthOf(`#${label}`), seen_ms: at_ms });
    }
    let longest = 0;
    for (const [label, { em, seen_ms }] of this.known) {
      // In the past the clock runs backwards too.
      if (Math.abs(at_ms - seen_ms) > KEPT_MS) this.known.delete(label);
      else longest = Math.max(longest, em);
    }
    return Math.ceil((longest + 0.2) / STEP_EM) * STEP_EM;
  }
}
