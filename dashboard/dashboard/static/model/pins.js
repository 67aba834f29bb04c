/**
 * Tags that are pinned to be compared. Each has a place, and with it a colour and a dash, for as long as it is pinned:
 * where one is taken out its place is null, until another comes. Pure.
 */

import { MOST_PINS } from "./address.js";

/** @typedef {import("./page_types.js").Pins} Pins */

/** The keys alone, by place. @param {Pins} pins @returns {string[]} */
export const pinned = (pins) => pins.filter((key) => key !== null);

/** @param {Pins} pins */
export const isFull = (pins) => pinned(pins).length >= MOST_PINS;

/**
 * `pins` with `key` put at the first free place, or taken out if it is there; as they are when full.
 *
 * @param {Pins} pins @param {string} key @returns {Pins}
 */
export function toggle(pins, key) {
  if (pins.includes(key)) return withoutEnd(pins.map((pin) => (pin === key ? null : pin)));
  const free = pins.indexOf(null);
  if (free >= 0) return pins.with(free, key);
  return isFull(pins) ? pins : [...pins, key];
}

/** @param {Pins} pins @param {string[]} palette a colour for each place @returns {Map<string, string>} colour by key */
export const coloursOf = (pins, palette) =>
  new Map(pins.flatMap((key, place) => (key === null ? [] : [[key, palette[place]]])));

/** Without free places at the end. @param {Pins} pins */
export const withoutEnd = (pins) => pins.slice(0, pins.findLastIndex((key) => key !== null) + 1);
