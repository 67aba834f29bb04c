/** The board: bars, and rows of text that glide with them. */

import { tellSize } from "./board_size.js";
import { isCompared } from "../model/changes.js";
import { Chart } from "./bar_chart.js";
import { byId, put, putStyle } from "../ui/dom.js";
import { count, lengthOf } from "../i18n/format.js";
import { curveSeconds } from "./heading.js";
import { Hold } from "./row_hold.js";
import { Order } from "./order.js";
import { fillHeadings, Rows } from "./rows.js";
import { Slots } from "./slots.js";
import { LONG_EM, TagWidth } from "./tag_width.js";
import { mayMove } from "../ui/theme.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/types.js").Event} Numbers */

/**
 * `colours`: of the pins. `open`: the tag whose panel is open. `live`: is it the newest snapshot?
 * @typedef {{colours: Map<string, string>, pins_full: boolean, open: string | null, live: boolean}} Around
 */

export class Board {
  /**
   * @param {any} figures see dashboard/page/figures.py @param {import("../ui/frame_queue.js").Later} later
   * @param {(key: string) => void} onPin
   */
  constructor(figures, later, onPin) {
    this.rows = new Rows(byId("rows"), later, onPin);
    // Where bars jump, their rows jump with them.
    this.chart = new Chart(byId("chart"), figures, () => this.rows.arrive());
    this.stage = byId("stage");
    tellSize(byId("board"));
    this.top = 0;
    this.slots = new Slots(0, 0);
    this.order = new Order();
    this.hold = new Hold(byId("rows"), () => this.shown && this.show(...this.shown));
    /** What is shown, to show it again in another order. @type {[Numbers, Around] | null} */
    this.shown = null;
    this.tag_width = new TagWidth();
  }

  /** How many bars there are. @param {number} top */
  setTop(top) {
    if (top === this.top) return;
    this.top = top;
    // All may leave while as many others enter, and no slot is used twice in one update.
    const slots = 2 * Math.max(top, 10);
    this.slots = new Slots(slots, top);
    byId("board").style.setProperty("--rows", String(top));
    this.rows.reset(slots, top);
    this.chart.reset(slots, top);
  }

  /** @param {Numbers} shown @param {Around} around */
  show(shown, around) {
    this.shown = [shown, around];
    this.stage.classList.toggle("still", !mayMove());
    const labels = shown.top.slice(0, this.top).map(({ label }) => label);
    const tag_em = this.tag_width.of(labels, shown.produced_at_ms);
    putStyle(byId("board"), "--tag-em", String(tag_em));
    this.stage.parentElement?.classList.toggle("long-tags", tag_em > LONG_EM);
    // The reader may have changed the layout: no frame shows the bars as wide as they were.
    this.chart.fit();
    this.#fillHeadings(shown);
    // The column of the counts is as wide as the longest, which is the first.
    putStyle(byId("board"), "--digits", String(count(shown.top[0]?.posts ?? 0).length));
    const leaders = this.slots.assign(this.#placed(shown, around.live));
    this.rows.show(leaders, shown, around);
    this.chart.show(leaders, around.colours);
  }

  /** Let the rows stand by rank again, even if somebody still points at them. @returns {boolean} were they held? */
  release() {
    return this.hold.release("escape");
  }

  /** @param {Numbers} shown @param {boolean} live What is paused stands still by itself. */
  #placed(shown, live) {
    const hold = live && this.hold.holds(performance.now());
    const placed = this.order.arrange(shown, this.top, hold, () => this.#pointed());
    byId("held").hidden = !hold;
    put(byId("rows"), "aria-describedby", hold ? "held" : null);
    return placed;
  }

  /** The tag under the pointer, and the place in which the pointer is. */
  #pointed() {
    const { pointer } = this.hold;
    if (!pointer) return null;
    const key = this.rows.keyAt(pointer);
    if (!key) {
      // A row has just left here, and another one would glide past the pointer: all arrive at once instead.
      this.chart.arrive();
      return null;
    }
    const { top, height } = byId("rows").getBoundingClientRect();
    return { key, place: Math.floor(((pointer.y - top) / height) * this.top) + 1 };
  }

  /** Give the focus back to the row of a tag. @param {string} key */
  focus(key) {
    this.rows.focus(key);
  }

  /** @param {Numbers} shown */
  #fillHeadings(shown) {
    const { view, window_seconds } = shown;
    const { page, board } = words;
    const length = lengthOf(window_seconds);
    const told = view.ranking === "window" ? board.against.window(length) : board.against[view.ranking];
    const against = isCompared(shown) ? told : "";
    const texts = ["", "", page.hashtag, page.posts, page.share, against, lengthOf(curveSeconds(shown))];
    const headings = byId("headings");
    if (headings.dataset.shown === texts.join()) return;
    headings.dataset.shown = texts.join();
    fillHeadings(headings, texts);
  }
}
