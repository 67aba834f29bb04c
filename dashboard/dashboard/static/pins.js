/** Tags that are pinned to be compared, each with a colour. Pure. */

import { MOST_PINS } from "./address.js";

/** @param {string[]} pins */
export const isFull = (pins) => pins.length >= MOST_PINS;

/**
 * `pins` with `key` put in, or taken out if it is there; as they are when full.
 *
 * @param {string[]} pins @param {string} key
 */
export function toggle(pins, key) {
  if (pins.includes(key)) return pins.filter((pin) => pin !== key);
  return isFull(pins) ? pins : [...pins, key];
}

/** @param {string[]} pins @param {string[]} palette a colour for each place @returns {Map<string, string>} colour by key */
export const coloursOf = (pins, palette) => new Map(pins.map((key, place) => [key, palette[place]]));
