/** The width of the column of the tags, so that no tag is cut off without need. */

/** A tag that has left counts for this time: it may come back, and the bars should not change their length each second. */
const REMEMBERED_MS = 60_000;
/** The width changes in steps, for the same reason. */
const STEP_EM = 2;
/** Tags of this width need more space than a tablet has beside all columns. */
export const LONG_EM = 14;
const MEASURED_AT_PX = 100;

/** @returns {(text: string) => number} returns the width of a text in the font of the tags, in em */
function makeMeasure() {
  const context = /** @type {CanvasRenderingContext2D} */ (document.createElement("canvas").getContext("2d"));
  context.font = `600 ${MEASURED_AT_PX}px ${getComputedStyle(document.documentElement).fontFamily}`;
  return (text) => context.measureText(text).width / MEASURED_AT_PX;
}

export class TagWidth {
  /** @param {(text: string) => number} [widthOf] returns the width of a text, in em */
  constructor(widthOf = makeMeasure()) {
    this.widthOf = widthOf;
    /** @type {Map<string, {label_em: number, em: number, seen_ms: number}>} by label; `em`: with the extras of its row */
    this.tags = new Map();
  }

  /**
   * The width of the longest of these tags and of those that were displayed shortly before, in em.
   *
   * @param {string[]} labels @param {number} at_ms @param {number[]} extras_em the width of what is beside each tag
   */
  of(labels, at_ms, extras_em = []) {
    labels.forEach((label, index) => {
      const label_em = this.tags.get(label)?.label_em ?? this.widthOf(`#${label}`);
      this.tags.set(label, { label_em, em: label_em + (extras_em[index] ?? 0), seen_ms: at_ms });
    });
    let longest = 0;
    for (const [label, { em, seen_ms }] of this.tags) {
      // The viewer can also move to an earlier time.
      if (Math.abs(at_ms - seen_ms) > REMEMBERED_MS) this.tags.delete(label);
      else longest = Math.max(longest, em);
    }
    return Math.ceil((longest + 0.2) / STEP_EM) * STEP_EM;
  }
}
