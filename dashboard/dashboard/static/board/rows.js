/** What is told of the tags beside their bars, in rows that glide with them. */

import { hasRanksBefore } from "../model/changes.js";
import { make, put } from "../ui/dom.js";
import { Row } from "./row.js";

/** @typedef {import("../model/page_types.js").Placed} Placed */
/** @typedef {import("../model/types.js").Event} Numbers */

/**
 * One row a slot, so that the document never grows. The rows stand in it in the order of their slots; `aria-owns` tells
 * the order of the ranks, and the arrow keys go by it: the list is one stop of the tab key.
 */
export class Rows {
  /** @param {HTMLElement} list @param {import("../ui/frame_queue.js").Later} later @param {(key: string) => void} onPin */
  constructor(list, later, onPin) {
    this.list = list;
    this.later = later;
    this.shown = 0;
    /** @type {Row[]} */
    this.rows = [];
    /** Rows in sight, by rank. @type {Row[]} */
    this.order = [];
    list.addEventListener("keydown", (event) => this.#step(event));
    list.addEventListener("focusin", ({ target }) => this.#visit(/** @type {Element} */ (target)));
    list.addEventListener("click", ({ target }) => {
      const row = this.#rowOf(/** @type {Element} */ (target).closest(".pin"));
      if (row) onPin(row.key);
    });
  }

  /** @param {number} slots @param {number} shown how many ranks are in sight */
  reset(slots, shown) {
    this.shown = shown;
    for (const row of this.rows) this.later.drop(row);
    this.rows = Array.from({ length: slots }, (_, slot) => new Row(slot));
    this.order = [];
    for (const row of this.rows) row.leave(shown + 1);
    this.list.style.setProperty("--rows", String(shown));
    this.list.replaceChildren(...this.rows.map(({ element }) => element));
  }

  /**
   * All glide at once; what is told of each follows, a few rows a frame. One that enters is not seen before.
   *
   * @param {(Placed | null)[]} leaders by slot @param {Numbers} shown @param {import("./board.js").Around} around
   */
  show(leaders, shown, around) {
    const context = { ...around, shown, compared: hasRanksBefore(shown.top), all_before: shown.posts_before };
    const focused = this.#rowOf(document.activeElement);
    /** @type {Row[]} */
    const order = [];
    leaders.forEach((leader, slot) => {
      const row = this.rows[slot];
      if (leader === null || leader.place > this.shown) {
        this.later.drop(row);
        row.leave(this.shown + 1);
        return;
      }
      row.enter(leader);
      this.later.add(row, () => row.fill(leader, context));
      order[leader.place - 1] = row;
    });
    this.order = order.filter(Boolean);
    this.#order(focused);
  }

  /** The tag of the row at a point of the window. @param {{x: number, y: number}} point @returns {string | undefined} */
  keyAt({ x, y }) {
    return this.#rowOf(document.elementFromPoint(x, y))?.key;
  }

  /** End the glide: all stand where they belong. */
  arrive() {
    for (const glide of this.list.getAnimations({ subtree: true })) glide.finish();
  }

  /** Focus a tag, or the first where it is not in sight. @param {string} key */
  focus(key) {
    (this.order.find((row) => row.key === key) ?? this.order[0])?.tag.focus();
  }

  /** @param {Row | undefined} focused before the rows were moved */
  #order(focused) {
    put(this.list, "aria-owns", this.order.map(({ element }) => element.id).join(" "));
    // Where the tag that had the focus has left, the first has it: it must not fall back to the page's beginning.
    if (focused && !this.order.includes(focused)) {
      this.later.flush();
      this.order[0]?.tag.focus();
    }
    const stop = this.order.find(({ tag }) => tag.tabIndex === 0) ?? this.order[0];
    this.#stopAt(stop);
  }

  /** @param {Element} target */
  #visit(target) {
    const row = this.#rowOf(target);
    if (row) this.#stopAt(row);
  }

  /** Where the tab key stops. @param {Row | undefined} row */
  #stopAt(row) {
    for (const { tag } of this.rows) put(tag, "tabindex", tag === row?.tag ? "0" : "-1");
  }

  /** @param {KeyboardEvent} event */
  #step(event) {
    const row = this.#rowOf(document.activeElement);
    if (!row || event.altKey || event.ctrlKey || event.metaKey) return;
    const place = this.order.indexOf(row);
    const on_pin = document.activeElement === row.pin;
    const targets = /** @type {Record<string, Row | undefined>} */ ({
      ArrowUp: this.order[place - 1],
      ArrowDown: this.order[place + 1],
      Home: this.order[0],
      End: this.order.at(-1),
    });
    if (event.key in targets) targets[event.key]?.[on_pin ? "pin" : "tag"].focus();
    else if (event.key === "ArrowRight") row.pin.focus();
    else if (event.key === "ArrowLeft") row.tag.focus();
    else return;
    event.preventDefault();
  }

  /** @param {Element | null} part @returns {Row | undefined} */
  #rowOf(part) {
    const element = part?.closest(".row");
    return element ? this.rows.find((row) => row.element === element) : undefined;
  }
}

/**
 * The headings over the columns; the rows stand in the same ones.
 *
 * @param {HTMLElement} headings @param {string[]} texts by column
 */
export function fillHeadings(headings, texts) {
  const names = ["rank", "mark", "tag", "posts", "share", "change", "spark"];
  headings.replaceChildren(...names.map((name, index) => make("span", name, texts[index])));
}
