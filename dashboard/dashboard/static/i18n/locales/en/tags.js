/** Texts in English: the search for a hashtag, its posts, and the hashtags in the same posts. */

import { plurals } from "../../plural.js";

const form = plurals("en");

export const words = {
  search: {
    shortcut: (/** @type {string} */ label) => `${label} (/)`,
    in_window: (/** @type {string} */ some_posts, /** @type {string} */ rank) => `${some_posts} in the window, rank ${rank}`,
    since_start: (/** @type {string} */ some_posts) => `${some_posts} since start`,
    in_history: "in the last 24 hours",
    nothing: (/** @type {string} */ text) => `No hashtag with “${text}” was found.`,
    found: (/** @type {string} */ shown, /** @type {number} */ value) =>
      form(value, { one: `${shown} hashtag found.`, other: `${shown} hashtags found.` }),
  },

  /** Why the panel has no posts of the hashtag. */
  posts_of_tag: {
    /** @type {Record<string, string>} */
    none: {
      off: "This dashboard shows no posts.",
      source: "Posts of this source are not shown.",
      "none yet": "No post can be shown now. Posts of leading hashtags follow within seconds, if the log can be read.",
    },
  },

  /** The hashtags in the same posts. */
  often_with: {
    at: (/** @type {string} */ clock) => `posts in the window at ${clock}`,
    at_least: (/** @type {string} */ clock) => `posts in the window at ${clock}, without rare pairs`,
  },

  /** A hashtag in the archive. */
  archive: {
    none: "No hour of the archive has this hashtag.",
    in_hours: (/** @type {string} */ some_posts, /** @type {string} */ most, /** @type {string} */ at) =>
      `${some_posts} in the archive. Most in one hour: ${most}, ${at}.`,
    in_days: (/** @type {string} */ some_posts, /** @type {string} */ most, /** @type {string} */ at) =>
      `${some_posts} in the archive. Most in one day (UTC): ${most}, ${at}.`,
  },

  /** The button that opens a topic. */
  fold: {
    more: (/** @type {string} */ shown, /** @type {number} */ value, /** @type {string} */ tag) =>
      form(value, { one: `${shown} more hashtag of the topic ${tag}`, other: `${shown} more hashtags of the topic ${tag}` }),
  },

  /** Hashtags that are not displayed. */
  mute: {
    muted: (/** @type {string} */ shown, /** @type {number} */ value) =>
      form(value, { one: `${shown} muted`, other: `${shown} muted` }),
    hidden: (/** @type {string} */ shown, /** @type {number} */ value) =>
      form(value, { one: `${shown} hidden`, other: `${shown} hidden` }),
    by_operator: (/** @type {string} */ shown, /** @type {number} */ value) =>
      form(value, {
        one: `The operator of this page has muted ${shown} hashtag of this window. It is counted, but not displayed.`,
        other: `The operator of this page has muted ${shown} hashtags of this window. They are counted, but not displayed.`,
      }),
    hide: "Hide",
    show: "Show again",
    show_tag: (/** @type {string} */ tag) => `Show again: ${tag}`,
    done: (/** @type {string} */ tag) => `${tag} is hidden in this browser.`,
    undone: (/** @type {string} */ tag) => `${tag} is displayed again.`,
  },

  /** Posts of a hashtag that their authors deleted. */
  taken_back: {
    badge: (/** @type {string} */ share) => `${share} taken back`,
    short: (/** @type {string} */ share) => `↩ ${share}`,
    sentence: (/** @type {string} */ badge, /** @type {string} */ deleted, /** @type {string} */ some_posts) =>
      `${badge}: ${deleted} of ${some_posts} in the window are deleted.`,
  },
};
