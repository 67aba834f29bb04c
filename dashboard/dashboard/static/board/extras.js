/** What a row has beside its hashtag: the part of the posts that was taken back, and the button that opens its topic. */

import { takenBackBadge } from "../model/taken_back.js";
import { count } from "../i18n/format.js";
import { words } from "../i18n/messages.js";
import { setNumber } from "../ui/numbers.js";
import { make, setAttribute, setStyle, setText } from "../ui/dom.js";

/** @typedef {import("../model/page_types.js").Folded} Leader */

/** The text size of the extras, as a part of the tag's; and their padding and distance, in em of the tag. */
const SIZE = 0.7;
const SPACE_EM = 1.1;

/**
 * The widths of the extras of a row, in em of the tag, with the long and with the short text.
 *
 * @param {Leader} leader @param {(text: string) => number} widthOf in em @returns {{long: number, short: number}}
 */
export function extrasWidth(leader, widthOf) {
  const badge = takenBackBadge(leader);
  const width = (/** @type {string} */ text) => Math.ceil(10 * (SIZE * widthOf(text) + SPACE_EM)) / 10;
  const more = leader.others ? width(moreText(leader)) + SPACE_EM : 0;
  return badge === null ? { long: more, short: more } : { long: more + width(badge.long), short: more + width(badge.short) };
}

/** "+2 ▸" @param {Leader} leader */
const moreText = ({ others = 0, is_open }) => `+${count(others)} ${is_open ? "▾" : "▸"}`;

export class Extras {
  /** @param {HTMLElement} row */
  constructor(row) {
    this.row = row;
    this.long = make("span", "long");
    this.short = make("span", "short");
    this.short.ariaHidden = "true";
    this.badge = make("span", "taken-back", this.long, this.short);
    setNumber(this.badge, "taken_back_part", "-1");
    this.more = make("button", "topic-more");
    this.more.type = "button";
    this.more.tabIndex = -1;
    this.element = make("span", "extras", this.badge, this.more);
    this.element.hidden = true;
  }

  /** @param {Leader} leader @param {(text: string) => number} widthOf in em */
  fill(leader, widthOf) {
    const badge = takenBackBadge(leader);
    const has_topic = Boolean(leader.others);
    const hidden = badge === null && !has_topic;
    if (this.element.hidden !== hidden) {
      this.element.hidden = hidden;
      this.row.classList.toggle("with-extras", !hidden);
    }
    if (hidden) return;
    this.badge.hidden = badge === null;
    setText(this.long, badge?.long ?? "");
    setText(this.short, badge?.short ?? "");
    this.more.hidden = !has_topic;
    if (has_topic) this.#fillMore(leader);
    const { long, short } = extrasWidth(leader, widthOf);
    setStyle(this.row, "--extras-long", `${long}em`);
    setStyle(this.row, "--extras-short", `${short}em`);
  }

  /** @param {Leader} leader the first tag of a topic */
  #fillMore(leader) {
    const { others = 0, is_open = false, label } = leader;
    setText(this.more, moreText(leader));
    setAttribute(this.more, "aria-expanded", String(is_open));
    setAttribute(this.more, "aria-label", `${moreText(leader)}: ${words.fold.more(count(others), others, `#${label}`)}`);
  }
}

/**
 * Put the badge of a tag behind its link, in a table. The link is the first child of the cell.
 *
 * @param {HTMLElement} cell @param {import("../model/taken_back.js").Counted} counted
 */
export function showBadge(cell, counted) {
  const badge = takenBackBadge(counted);
  if (badge === null) cell.children[1]?.remove();
  else setText(cell.children[1] ?? cell.appendChild(make("span", "taken-back")), badge.long);
}
