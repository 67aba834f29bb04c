/** Marks the numbers of the page: a click, Enter, or the key "i" on one opens its card. */

import { setAttribute } from "./dom.js";

/** @typedef {import("../model/numbers.js").Moment} Moment */

/** The snapshot that an element displays. @type {WeakMap<Element, Moment>} */
const moments = new WeakMap();

/** @param {Element} element @param {Moment} moment of all numbers in it */
export function setMoment(element, moment) {
  moments.set(element, moment);
}

/** The snapshot that a number is of. @param {Element} number @returns {Moment | null} */
export function momentOf(number) {
  for (let at = /** @type {Element | null} */ (number); at !== null; at = at.parentElement) {
    const moment = moments.get(at);
    if (moment) return moment;
  }
  return null;
}

/** A wall and an embedded page have no cards. */
const hasCards = () => !document.documentElement.matches(".wall, .embed");

/**
 * A number whose card opens with a click. Its place has another way for the keyboard.
 *
 * @param {HTMLElement} element @param {string} of its name in the API
 */
export function markClickable(element, of) {
  element.dataset.of = of;
  element.classList.toggle("number", hasCards());
}

/**
 * Make an element a number with a card, or a plain text again with null.
 *
 * @param {HTMLElement} element @param {string | null} of its name in the API
 * @param {"0" | "-1"} [tab_index] "-1": another key than Tab moves to it
 */
export function setNumber(element, of, tab_index = "0") {
  if ((element.dataset.of ?? null) === of) return;
  setAttribute(element, "data-of", of);
  const has_card = of !== null && hasCards();
  element.classList.toggle("number", has_card);
  setAttribute(element, "role", has_card ? "button" : null);
  setAttribute(element, "tabindex", has_card ? tab_index : null);
  setAttribute(element, "aria-haspopup", has_card ? "dialog" : null);
}
