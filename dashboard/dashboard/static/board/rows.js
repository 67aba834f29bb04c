/** The rows of text beside the bars. They move with the bars. */

import { hasPreviousRanks } from "../model/changes.js";
import { allBefore } from "../model/measure.js";
import { make, setAttribute } from "../ui/dom.js";
import { Row } from "./row.js";

/** @typedef {import("../model/page_types.js").Placed} Placed */
/** @typedef {import("../model/page_types.js").AnySnapshot} AnySnapshot */

/**
 * One row per slot, so that the document never grows. In the document the rows are in the order of their slots;
 * `aria-owns` gives the order of the places, and the arrow keys follow it. The list is one stop of the tab key.
 */
export class Rows {
  /**
   * @param {HTMLElement} list @param {import("../ui/frame_queue.js").FrameQueue} frame_queue
   * @param {(key: string) => void} onPin @param {(key: string) => void} onOpenTopic
   */
  constructor(list, frame_queue, onPin, onOpenTopic) {
    this.list = list;
    this.frame_queue = frame_queue;
    this.places = 0;
    /** @type {Row[]} */
    this.rows = [];
    /** Visible rows, by place. @type {Row[]} */
    this.visible = [];
    list.addEventListener("keydown", (event) => this.#onKey(event));
    list.addEventListener("focusin", ({ target }) => this.#onFocus(/** @type {Element} */ (target)));
    list.addEventListener("click", ({ target }) => {
      const button = /** @type {Element} */ (target).closest(".pin, .topic-more");
      const row = this.#rowOf(button);
      if (row) (button?.matches(".pin") ? onPin : onOpenTopic)(row.key);
    });
  }

  /** @param {number} slots @param {number} places how many rows are visible */
  reset(slots, places) {
    this.places = places;
    for (const row of this.rows) this.frame_queue.remove(row);
    this.rows = Array.from({ length: slots }, (_, slot) => new Row(slot));
    this.visible = [];
    for (const row of this.rows) row.leave(places + 1);
    this.list.style.setProperty("--rows", String(places));
    this.list.replaceChildren(...this.rows.map(({ element }) => element));
  }

  /**
   * All rows start to move at once; their texts follow, a few rows per frame. A new row is hidden until it has its texts.
   *
   * @param {(Placed | null)[]} leaders by slot @param {AnySnapshot} snapshot
   * @param {import("./board.js").BoardOptions} options @param {(text: string) => number} widthOf of a text, in em
   */
  show(leaders, snapshot, options, widthOf) {
    const compared = hasPreviousRanks(snapshot.top);
    const context = { ...options, snapshot, compared, all_before: allBefore(snapshot), widthOf };
    const focused = this.#rowOf(document.activeElement);
    /** @type {Row[]} */
    const by_place = [];
    leaders.forEach((leader, slot) => {
      const row = this.rows[slot];
      if (leader === null || leader.place > this.places) {
        this.frame_queue.remove(row);
        row.leave(this.places + 1);
        return;
      }
      row.moveTo(leader);
      this.frame_queue.add(row, () => row.fill(leader, context));
      by_place[leader.place - 1] = row;
    });
    this.visible = by_place.filter(Boolean);
    this.#updateOrder(focused);
  }

  /** The tag of the row at a point of the window. @param {{x: number, y: number}} point @returns {string | undefined} */
  keyAt({ x, y }) {
    return this.#rowOf(document.elementFromPoint(x, y))?.key;
  }

  /** End the running animation: all rows are at their final places. */
  endAnimation() {
    for (const animation of this.list.getAnimations({ subtree: true })) animation.finish();
  }

  /** Focus a tag, or the first row if the tag is not visible. @param {string} key */
  focus(key) {
    (this.visible.find((row) => row.key === key) ?? this.visible[0])?.tag.focus();
  }

  /** @param {Row | undefined} focused the row that had the focus before the rows moved */
  #updateOrder(focused) {
    setAttribute(this.list, "aria-owns", this.visible.map(({ element }) => element.id).join(" "));
    // If the focused tag has left, the first row gets the focus: otherwise it would fall back to the start of the page.
    if (focused && !this.visible.includes(focused)) {
      this.frame_queue.flush();
      this.visible[0]?.tag.focus();
    }
    const stop = this.visible.find(({ tag }) => tag.tabIndex === 0) ?? this.visible[0];
    this.#stopAt(stop);
  }

  /** @param {Element} target */
  #onFocus(target) {
    const row = this.#rowOf(target);
    if (row) this.#stopAt(row);
  }

  /** Make a row the stop of the tab key. @param {Row | undefined} row */
  #stopAt(row) {
    for (const { tag } of this.rows) setAttribute(tag, "tabindex", tag === row?.tag ? "0" : "-1");
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const row = this.#rowOf(document.activeElement);
    if (!row || event.altKey || event.ctrlKey || event.metaKey) return;
    const part = row.parts.findIndex((one) => one === document.activeElement);
    const target = this.#rowFor(event.key, row)?.partLike(row.parts[part]) ?? beside(event.key, row.parts, part);
    if (!target) return;
    target.focus();
    event.preventDefault();
  }

  /** The row that a key moves to. @param {string} key @param {Row} row */
  #rowFor(key, row) {
    const place = this.visible.indexOf(row);
    const rows = /** @type {Record<string, Row | undefined>} */ ({
      ArrowUp: this.visible[place - 1],
      ArrowDown: this.visible[place + 1],
      Home: this.visible[0],
      End: this.visible.at(-1),
    });
    return rows[key];
  }

  /** @param {Element | null} part @returns {Row | undefined} */
  #rowOf(part) {
    const element = part?.closest(".row");
    return element ? this.rows.find((row) => row.element === element) : undefined;
  }
}

/**
 * The part of a row that a key moves to.
 *
 * @param {string} key @param {HTMLElement[]} parts @param {number} place of the focus
 */
function beside(key, parts, place) {
  if (key === "ArrowRight") return parts[place + 1];
  return key === "ArrowLeft" ? parts[Math.max(0, place - 1)] : undefined;
}

/**
 * Fill the headings of the columns; the rows have the same columns.
 *
 * @param {HTMLElement} headings @param {string[]} texts by column
 */
export function fillHeadings(headings, texts) {
  const names = ["rank", "mark", "tag", "posts", "other", "share", "change", "spark"];
  headings.replaceChildren(...names.map((name, index) => make("span", name, texts[index])));
}
