/** The board: the bars, and rows of text that move with them. */

import { observeBoardSize } from "./board_size.js";
import { foldTopics } from "../model/fold.js";
import { isCompared } from "../model/changes.js";
import { allBefore, hasPeople, isByPeople, valueOf } from "../model/measure.js";
import { BarChart } from "./bar_chart.js";
import { byId, setAttribute, setStyle } from "../ui/dom.js";
import { count, lengthOf } from "../i18n/format.js";
import { extrasWidth } from "./extras.js";
import { curveSeconds } from "./heading.js";
import { RowHold } from "./row_hold.js";
import { RowOrder } from "./row_order.js";
import { fillHeadings, Rows } from "./rows.js";
import { Slots } from "./slots.js";
import { LONG_EM, TagWidth } from "./tag_width.js";
import { canAnimate } from "../ui/theme.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/page_types.js").AnySnapshot} AnySnapshot */

/**
 * `colours`: of the pinned tags, by key. `open`: the tag whose panel is open. `live`: is it the newest snapshot? `fold`: one
 * row for each topic.
 * @typedef {{colours: Map<string, string>, pins_full: boolean, open: string | null, live: boolean,
 *   fold: boolean}} BoardOptions
 */

export class Board {
  /**
   * @param {any} figures see dashboard/page/figures.py @param {import("../ui/frame_queue.js").FrameQueue} frame_queue
   * @param {(key: string) => void} onPin
   */
  constructor(figures, frame_queue, onPin) {
    this.rows = new Rows(byId("rows"), frame_queue, onPin, (key) => this.#openTopic(key));
    /** The topics that the viewer has opened, by their first tags. @type {Set<string>} */
    this.opened = new Set();
    // When the bars jump, their rows jump too.
    this.chart = new BarChart(byId("chart"), figures, () => this.rows.endAnimation());
    this.stage = byId("stage");
    observeBoardSize(byId("board"));
    this.top = 0;
    this.slots = new Slots(0, 0);
    this.order = new RowOrder();
    this.hold = new RowHold(byId("rows"), () => this.displayed && this.show(...this.displayed));
    /**
     * The arguments of the last `show`, to display them again in another order.
     *
     * @type {[AnySnapshot, BoardOptions] | null}
     */
    this.displayed = null;
    this.tag_width = new TagWidth();
  }

  /** Set the number of bars. @param {number} top */
  setTop(top) {
    if (top === this.top) return;
    this.top = top;
    // All tags may leave while as many others enter, and no slot is used twice in one update.
    const slots = 2 * Math.max(top, 10);
    this.slots = new Slots(slots, top);
    byId("board").style.setProperty("--rows", String(top));
    this.rows.reset(slots, top);
    this.chart.reset(slots, top);
  }

  /** @param {AnySnapshot} received @param {BoardOptions} options */
  show(received, options) {
    this.displayed = [received, options];
    const snapshot = options.fold ? { ...received, top: foldTopics(received.top, received.topics, this.opened) } : received;
    this.stage.classList.toggle("still", !canAnimate());
    const { widthOf } = this.tag_width;
    const shown = snapshot.top.slice(0, this.top);
    const extras_em = shown.map((leader) => extrasWidth(leader, widthOf).long);
    const tag_em = this.tag_width.of(shown.map(({ label }) => label), snapshot.produced_at_ms, extras_em);
    setStyle(byId("board"), "--tag-em", String(tag_em));
    this.stage.parentElement?.classList.toggle("long-tags", tag_em > LONG_EM);
    // The viewer may have changed the layout: no frame may show bars of the previous width.
    this.chart.fit();
    this.#fillHeadings(snapshot);
    const [first] = snapshot.top;
    // The column of the counts is as wide as the longest count, which is the first.
    setStyle(byId("board"), "--digits", String(count(first ? valueOf(first, snapshot) : 0).length));
    byId("board").classList.toggle("with-people", hasPeople(snapshot));
    const leaders = this.slots.assign(this.#placed(snapshot, options.live));
    this.rows.show(leaders, snapshot, options, widthOf);
    this.chart.show(leaders, options.colours, (leader) => valueOf(leader, snapshot));
  }

  /** Open the topic of a tag, or close it. @param {string} key */
  #openTopic(key) {
    if (!this.opened.delete(key)) this.opened.add(key);
    // The list changes at once, also while its order is held.
    this.hold.release("escape");
    if (this.displayed) this.show(...this.displayed);
  }

  /** Order the rows by rank again, even if the pointer is on them. @returns {boolean} was the order held? */
  release() {
    return this.hold.release("escape");
  }

  /** @param {AnySnapshot} snapshot @param {boolean} live the order of a paused page is not held: its rows don't move */
  #placed(snapshot, live) {
    const is_held = live && this.hold.isActive(performance.now());
    const placed = this.order.arrange(snapshot, this.top, is_held, () => this.#tagUnderPointer());
    byId("order-held").hidden = !is_held;
    setAttribute(byId("rows"), "aria-describedby", is_held ? "order-held" : null);
    return placed;
  }

  /** The tag under the pointer, and the place of the pointer. */
  #tagUnderPointer() {
    const { pointer } = this.hold;
    if (!pointer) return null;
    const key = this.rows.keyAt(pointer);
    if (!key) {
      // A row has just left this place, and another row would move past the pointer: end the animation instead.
      this.chart.endAnimation();
      return null;
    }
    const { top, height } = byId("rows").getBoundingClientRect();
    return { key, place: Math.floor(((pointer.y - top) / height) * this.top) + 1 };
  }

  /** Focus the row of a tag. @param {string} key */
  focus(key) {
    this.rows.focus(key);
  }

  /** @param {AnySnapshot} snapshot */
  #fillHeadings(snapshot) {
    const { view, window_seconds } = snapshot;
    const { page, board } = words;
    const length = lengthOf(window_seconds);
    const { ranking } = view;
    const is_part = ranking === "batch" || ranking === "total";
    const period = is_part ? board.compared_with[ranking] : board.compared_with.window(length);
    const change = isCompared({ top: snapshot.top, posts_before: allBefore(snapshot) }) ? period : "";
    const numbers = isByPeople(snapshot) ? [page.people, page.posts] : [page.posts, page.people];
    const of_all = snapshot.archived ? ["", "", ""] : [page.share, change, lengthOf(curveSeconds(snapshot))];
    const texts = ["", "", page.hashtag, ...numbers, ...of_all];
    const headings = byId("headings");
    if (headings.dataset.texts === texts.join()) return;
    headings.dataset.texts = texts.join();
    fillHeadings(headings, texts);
  }
}
