/** One row of the board: what is told of a tag beside its bar. */

import { panelHash } from "../model/address.js";
import { countedPanes, postsChange, rankMark, shareOf } from "../model/changes.js";
import { make, put, putStyle, write, writeTag } from "../ui/dom.js";
import { count } from "../i18n/format.js";
import { Sparkline } from "../ui/sparkline.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/page_types.js").Placed} Placed */
/** @typedef {import("../model/types.js").Event} Numbers */

/** What a row must know beside its own tag.
 * @typedef {import("./board.js").Around & {shown: Numbers, compared: boolean, all_before: number | null}} Context */

export class Row {
  /** @param {number} slot */
  constructor(slot) {
    this.key = "";
    this.rank = make("span", "rank");
    this.mark = make("span", "mark");
    this.tag = make("a", "tag");
    this.posts = make("span", "posts");
    this.share = make("span", "share");
    this.change = make("span", "change");
    this.spark = new Sparkline("spark");
    this.pin = make("button", "pin");
    this.pin.type = "button";
    this.pin.tabIndex = this.tag.tabIndex = -1;
    const parts = [this.rank, this.mark, this.tag, this.posts, this.share, this.change, this.spark.element, this.pin];
    this.element = make("li", "row", ...parts);
    this.element.id = `row-${slot}`;
  }

  /** @param {Placed} leader @param {Context} context */
  fill(leader, { shown, compared, all_before, colours, pins_full, open }) {
    if (this.key !== leader.key) this.tag.href = panelHash({ name: "tag", key: leader.key });
    this.key = leader.key;
    writeTag(this.tag, leader.label);
    put(this.tag, "aria-current", leader.key === open ? "true" : null);
    this.element.classList.toggle("open", leader.key === open);
    write(this.rank, leader.known ? String(leader.rank) : "–");
    this.#fillMark(leader, compared);
    write(this.posts, count(leader.posts));
    write(this.share, shareOf(leader.posts, shown.posts));
    const changed = postsChange(leader, all_before);
    write(this.change, changed);
    put(this.change, "data-kind", changed.startsWith("−") ? "down" : "up");
    this.spark.show(countedPanes(leader.panes, shown));
    this.#fillPin(leader, colours.get(leader.key), pins_full);
    if (!this.element.inert) return;
    this.element.inert = false;
    putStyle(this.element, "visibility", "");
  }

  /** @param {Placed} leader @param {boolean} compared */
  #fillMark(leader, compared) {
    const mark = leader.left ? { kind: "left", text: words.board.left } : rankMark(leader, compared);
    write(this.mark, mark.text);
    put(this.mark, "data-kind", mark.kind);
    put(this.mark, "title", leader.left ? words.board.left_why : null);
    this.element.classList.toggle("left", leader.left);
  }

  /** @param {Placed} leader @param {string | undefined} colour @param {boolean} pins_full */
  #fillPin({ label }, colour, pins_full) {
    const pinned = colour !== undefined;
    const disabled = !pinned && pins_full;
    const name = disabled ? words.board.pins_full : words.board.pin(`#${label}`);
    put(this.pin, "aria-pressed", String(pinned));
    put(this.pin, "disabled", disabled ? "" : null);
    put(this.pin, "aria-label", name);
    put(this.pin, "title", name);
    putStyle(this.element, "--pin", colour ?? "");
  }

  /** Let it glide to the place of `leader`; unseen while it still tells of another. @param {Placed} leader */
  enter({ key, place }) {
    this.#place(place);
    if (this.element.inert && this.key !== key) putStyle(this.element, "visibility", "hidden");
  }

  /** @param {number} place */
  #place(place) {
    const transform = `translateY(${(place - 1) * 100}%)`;
    if (this.element.style.transform !== transform) this.element.style.transform = transform;
  }

  /** Let it glide to a place out of sight. @param {number} place */
  leave(place) {
    this.#place(place);
    if (!this.element.inert) this.element.inert = true;
  }
}
