/** What a row has beside its hashtag: the part of the posts that was taken back. */

import { takenBackBadge } from "../model/taken_back.js";
import { make, setStyle, setText } from "../ui/dom.js";

/** @typedef {import("../model/types.js").EventLeader} Leader */

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
  return badge === null ? { long: 0, short: 0 } : { long: width(badge.long), short: width(badge.short) };
}

export class Extras {
  /** @param {HTMLElement} row */
  constructor(row) {
    this.row = row;
    this.long = make("span", "long");
    this.short = make("span", "short");
    this.short.ariaHidden = "true";
    this.badge = make("span", "taken-back", this.long, this.short);
    this.element = make("span", "extras", this.badge);
    this.element.hidden = true;
  }

  /** @param {Leader} leader @param {(text: string) => number} widthOf in em */
  fill(leader, widthOf) {
    const badge = takenBackBadge(leader);
    if (this.element.hidden !== (badge === null)) {
      this.element.hidden = badge === null;
      this.row.classList.toggle("with-extras", badge !== null);
    }
    if (badge === null) return;
    setText(this.long, badge.long);
    setText(this.short, badge.short);
    const { long, short } = extrasWidth(leader, widthOf);
    setStyle(this.row, "--extras-long", `${long}em`);
    setStyle(this.row, "--extras-short", `${short}em`);
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
