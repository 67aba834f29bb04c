/** Texts in English: the view "Rising". */

import { plurals } from "../../plural.js";

const form = plurals("en");

/** "since 14:02", "since 23:58 on 28 Nov". @param {string} clock @param {string} day empty for today */
const since = (clock, day) => `since ${clock}${day && ` on ${day}`}`;

export const words = {
  rising: {
    /** Why a hashtag rises. `most`: "most in Spanish", may be empty. `day`: empty for today. */
    known: (
      /** @type {string} */ times,
      /** @type {string} */ usual_people,
      /** @type {string} */ window,
      /** @type {string} */ people,
      /** @type {string} */ most,
      /** @type {string} */ clock,
      /** @type {string} */ day,
    ) => `${times} times its usual ${usual_people} in ${window}: ${people}${most && `, ${most}`}, ${since(clock, day)}.`,
    rare: (
      /** @type {string} */ window,
      /** @type {string} */ people,
      /** @type {string} */ most,
      /** @type {string} */ clock,
      /** @type {string} */ day,
    ) => `Usually fewer than one person in ${window}, now ${people}${most && `, ${most}`}, ${since(clock, day)}.`,
    new_tag: (
      /** @type {string} */ people,
      /** @type {string} */ window,
      /** @type {string} */ most,
      /** @type {string} */ clock,
      /** @type {string} */ day,
    ) => `Not seen before: ${people} in ${window}${most && `, ${most}`}, ${since(clock, day)}.`,
    most_in: (/** @type {string} */ language) => `most in ${language}`,
    times: (/** @type {string} */ times) => `${times}×`,
    new: "New",
    known_tag: "Known",
    peak: (/** @type {string} */ people, /** @type {string} */ when) => `Earlier peak: ${people}, ${when}`,
    part: (/** @type {string} */ share, /** @type {string} */ name) => `${share} ${name}`,
    copies: (/** @type {string} */ share) => `${share} copied texts`,
    nothing: "Nothing rises now: each hashtag is used about as much as usual.",
    nothing_then: "Nothing was rising at that time.",
    not_yet: (/** @type {string} */ pane) => `The first list comes when the first ${pane} are counted.`,
    not_stored: "No list is stored for that time.",
    missing: (/** @type {string} */ duration) =>
      `To know what is usual, posts have to be counted for another ${duration}. Then this list begins.`,
    missing_then: "At that time too little was known about what is usual.",
    legend_line: (/** @type {string} */ pane) => `people per ${pane}`,
    curve: (/** @type {string} */ pane) => `Last minutes: people per ${pane}. Grey: usual.`,
    more: (/** @type {string} */ shown, /** @type {number} */ value) =>
      form(value, { one: `${shown} more topic`, other: `${shown} more topics` }),
    held_back: (/** @type {string} */ shown) => `Held back (${shown})`,
    few_people: (/** @type {string} */ some_posts, /** @type {string} */ people) =>
      `${some_posts}, but only from ${people}.`,
    copied: (/** @type {string} */ people, /** @type {string} */ texts) => `${people}, but only ${texts}.`,
    not_listed: (/** @type {string} */ reason) => `This rise is held back: ${reason}`,
    texts: (/** @type {string} */ shown, /** @type {number} */ value) =>
      form(value, { one: `${shown} different text`, other: `${shown} different texts` }),
    button: (/** @type {string} */ shown) => `Rising (${shown})`,
  },
};
