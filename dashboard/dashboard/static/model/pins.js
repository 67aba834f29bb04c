/**
 * Tags that are pinned for a comparison. Each pin has a place, and with it a colour and a dash pattern, as long as it
 * is pinned. The place of a removed pin is null until another tag is pinned. Pure.
 */

import { MAX_PINS } from "./address.js";

/** @typedef {import("./page_types.js").Pins} Pins */

/** The keys of the pinned tags, by place. @param {Pins} pins @returns {string[]} */
export const pinnedKeys = (pins) => pins.filter((key) => key !== null);

/** @param {Pins} pins */
export const isFull = (pins) => pinnedKeys(pins).length >= MAX_PINS;

/**
 * Pin `key` at the first free place, or remove it if it is pinned. If all places are taken, nothing changes.
 *
 * @param {Pins} pins @param {string} key @returns {Pins}
 */
export function toggle(pins, key) {
  if (pins.includes(key)) return trimmed(pins.map((pin) => (pin === key ? null : pin)));
  const free = pins.indexOf(null);
  if (free >= 0) return pins.with(free, key);
  return isFull(pins) ? pins : [...pins, key];
}

/** @param {Pins} pins @param {string[]} palette a colour for each place @returns {Map<string, string>} colour by key */
export const coloursOf = (pins, palette) =>
  new Map(pins.flatMap((key, place) => (key === null ? [] : [[key, palette[place]]])));

/** Without free places at the end. @param {Pins} pins */
const trimmed = (pins) => pins.slice(0, pins.findLastIndex((key) => key !== null) + 1);
