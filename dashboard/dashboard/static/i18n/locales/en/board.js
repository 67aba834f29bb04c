/** Texts in English: the board, its views, the panel, the timeline, the menu "Save" and the announcements. */

import { plurals } from "../../plural.js";

const form = plurals("en");

const waiting = (/** @type {string} */ shown, /** @type {number} */ value) =>
  form(value, { one: `${shown} newer update`, other: `${shown} newer updates` });

export const words = {
  board: {
    no_tags: "No hashtags in this window.",
    no_match: "No hashtags match this filter.",
    no_posts: "No posts arrived in this window.",
    none_in_batch: "No hashtags in the last batch.",
    none_at_time: "No hashtags at that time.",
    none_tagged: (/** @type {string} */ some_posts) => `Since start: ${some_posts}, none with a hashtag.`,
    counted: (/** @type {string} */ some_posts) => `Since start: ${some_posts}.`,
    show_all: "Show all posts",
    show_window: "Show the last minutes",
    new: "NEW",
    out: "OUT",
    out_hint: "No longer among the leading hashtags. It keeps its place while the order is held.",
    up: (/** @type {number} */ places) => `▲${places}`,
    down: (/** @type {number} */ places) => `▼${places}`,
    pin: (/** @type {string} */ tag) => `Pin ${tag} to compare`,
    pins_full: "Five hashtags are pinned. Unpin one first.",
    compared_with: {
      window: (/** @type {string} */ duration) => `vs ${duration} earlier`,
      batch: "vs previous batch",
      total: "vs seconds ago",
    },
  },

  view: {
    batch: "Just now",
    rising_past: "Rising, in the past",
    by_authors: (/** @type {string} */ title) => `${title}, one vote each`,
    total: "Since start",
    past: (/** @type {string} */ duration) => `${duration} in the past`,
    so_far: (/** @type {string} */ part, /** @type {string} */ whole) => `${part} so far (window: ${whole})`,
    first_seconds: "First seconds",
    not_counted: (/** @type {string} */ duration) => `${duration} not counted`,
    /** By the step. @type {Record<string, string>} */
    archived: { hour: "One hour of the archive", day: "One day of the archive (UTC)" },
    not_archived: (/** @type {string} */ duration) => `${duration} not archived`,
    all: "All posts",
    sources: "Source",
    langs: "Language",
    option: (/** @type {string} */ name, /** @type {string} */ shown) => `${name} (${shown})`,
  },

  /** Steps before the first bars appear, in this order. */
  startup: {
    steps: [
      "The page connects to the dashboard.",
      "Spark starts. This takes about ten seconds.",
      "The first posts arrive and are counted.",
    ],
  },

  /** Texts of the dialog that the button "?" opens. */
  help: {
    step: (/** @type {string} */ pane) =>
      `Posts are counted in steps of ${pane}. Each box is one step. Programs call a step a pane.`,
    window: (/** @type {string} */ window, /** @type {string} */ pane) =>
      `All posts of the last ${window}. Every ${pane} the oldest step leaves the window and a new step begins.`,
  },

  /** The sources of the posts. */
  sources: {
    demo: "Demo · made-up posts",
    demo_among: "demo (made-up posts)",
    replay: "Recording · posts from a file",
    replay_of: (/** @type {string} */ names) => `Recording · posts from a file: ${names}`,
    several: (/** @type {string} */ names, /** @type {number} */ count) =>
      form(count, { one: `Source: ${names}`, other: `Sources: ${names}` }),
    unknown: "Source unknown",
  },

  time: {
    paused: (/** @type {string} */ shown, /** @type {number} */ value) => `Paused · ${waiting(shown, value)}`,
    past: (/** @type {string} */ shown, /** @type {number} */ value) => `In the past · ${waiting(shown, value)}`,
    no_history_yet: "History is available when the first ten seconds are stored.",
    no_history: "No history is stored for that time.",
    view_without_history: (/** @type {string} */ view) =>
      `No history is stored for “${view}”, so the page shows the window of all posts.`,
    view_without_archive: (/** @type {string} */ view) =>
      `The archive has no “${view}”, so the page shows the hashtags with the most posts.`,
  },

  save: {
    nothing: "There is nothing to save yet.",
    curves: (/** @type {string} */ name) => `${name}: curves`,
    saved: (/** @type {string} */ file) => `Saved as ${file}`,
    loading: "Loading …",
    window_at: (/** @type {string} */ clock) => `shows the window at ${clock}`,
    only_window: "History is stored for the window of all posts and for Rising only.",
    copied: "Link copied.",
    copy_by_hand: "This browser does not allow the page to copy. Copy this link:",
  },

  panel: {
    not_leading: "not leading",
    as_of: (/** @type {string} */ clock) => `at ${clock}`,
    unknown: "unknown",
    link: (/** @type {string} */ platform) => `View on ${platform}`,
    pin: "Pin",
    unpin: "Unpin",
    loading: "Loading …",
    never_led: (/** @type {string} */ tag) => `${tag} was not among the leading hashtags in the last 24 hours.`,
    compare: (/** @type {string} */ shown) => `Compare (${shown})`,
    no_response: "The dashboard does not respond.",
  },

  /** Announcements for screen readers. */
  announcements: {
    leads: (/** @type {string} */ tag, /** @type {string} */ some_posts) => `${tag} leads with ${some_posts}.`,
    entered: (/** @type {string} */ tags) => `New among the leading hashtags: ${tags}.`,
    rises: (/** @type {string} */ tag, /** @type {string} */ reason) => `${tag} rises. ${reason}`,
    rise: (/** @type {string} */ tags) => `New in Rising: ${tags}.`,
    climbed: (/** @type {string} */ tag, /** @type {number} */ rank) => `${tag} moved up to rank ${rank}.`,
    /** @type {Record<string, string>} */
    modes: { live: "Live again.", paused: "Paused.", past: "Showing the past." },
  },
};
