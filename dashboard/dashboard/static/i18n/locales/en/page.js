/**
 * Texts in English: the template, and numbers with their units. docs/page.md ("Words of the page") lists the terms.
 * Numbers and times arrive as formatted text; a plain number beside them selects the plural form.
 */

import { plurals } from "../../plural.js";

const form = plurals("en");

const posts = (/** @type {string} */ shown, /** @type {number} */ value) =>
  form(value, { one: `${shown} post`, other: `${shown} posts` });

export const words = {
  /** Format of numbers and times, if the browser names no country for this language. */
  locale: "en-GB",

  /** Texts of the template, by the name in `data-word` or `data-label`. @type {Record<string, string>} */
  page: {
    title: "Live hashtags",
    ranking: "Ranking",
    ranking_window: "Last minutes",
    ranking_batch: "Just now",
    ranking_total: "Since start",
    more: "More",
    top: "Number of bars",
    filter: "Filter posts",
    table: "Table",
    compare: "Compare",
    leaders: "Leading hashtags",
    rows: "Leading hashtags by rank. Use the arrow keys to move between them.",
    rank: "Rank",
    rank_change: "Rank change",
    hashtag: "Hashtag",
    posts: "Posts",
    share: "Share",
    posts_change: "Posts change",
    first_seen: "First seen",
    time: "Timeline",
    pause: "Pause",
    back_to_live: "Back to live",
    slider: "Displayed time",
    close: "Close",
    languages: "Page language",
    in_window: "Posts in the window",
    rank_in_window: "Rank",
    since_start: "Since start",
    share_of_posts: "Share of posts",
    window_curve: "Last minutes",
    history_curve: "Last 24 hours",
    curve_gaps: "A gap in a curve means that the hashtag was not among the leading 50.",
    pin_hint: "Pin up to five hashtags: press the button at the end of each row.",
    status_now: "Status now:",
    status: "Pipeline status",
    rate: "Posts per second",
    newest: "Newest post",
    lag: "Lag",
    batch: "Last batch took",
    dropped: "Dropped hashtags",
    malformed: "Malformed posts",
    lost: "Lost posts",
    browser: "This browser",
    billed: "Billed today (UTC)",
    source: "Source",
    problem: "Problem",
    track: "Track file",
    spool: "Spool",
    history: "History",
    received: "Received",
    relay: "Other dashboards",
    left_out: "Left out",
    restarted: "Counting restarted",
    save: "Save",
    save_csv: "numbers for a spreadsheet",
    save_json: "numbers for a program",
    save_png: "picture",
    save_svg: "scalable picture",
    copy_moment_link: "Copy link to this moment",
    copy_live_link: "Copy link to the live page",
    live_link_note: "shows the newest numbers when it is opened",
    link: "Link",
    qr: "Open on your phone:",
    full_screen: "Full screen: press F or double-click.",
    open_full: "Open the full page",
    startup: "The leading hashtags will appear here when the first posts have been counted.",
    help: "What is counted?",
    help_title: "What is counted?",
    help_drawing: "A row of boxes under a bracket. Each box is one step of the window. The box on the right is being filled. The oldest box leaves on the left.",
    help_open: "The box on the right is being filled.",
    help_window_name: "Last minutes: the window",
    help_batch: "The batch of posts that was counted last. A batch usually holds the posts of one second. Programs call it a micro-batch.",
    help_total: "All posts since counting began.",
    help_past_name: "History",
    help_past: "Use the timeline at the bottom to see earlier windows. History is stored for the window of all posts only.",
    help_api: "API for programs",
    order_held: "The order is held while you point at the list. It updates when you leave the list.",
  },

  posts,
  seconds: (/** @type {string} */ value) => `${value} s`,
  milliseconds: (/** @type {string} */ value) => `${value} ms`,
  minutes: (/** @type {number} */ minutes, /** @type {number} */ seconds) =>
    seconds ? `${minutes} min ${seconds} s` : `${minutes} min`,
  hours: (/** @type {number} */ hours, /** @type {number} */ minutes) =>
    minutes ? `${hours} h ${minutes} min` : `${hours} h`,
  days: (/** @type {number} */ days) => form(days, { one: `${days} day`, other: `${days} days` }),
  lastSeconds: (/** @type {number} */ seconds) =>
    form(seconds, { one: "Last second", other: `Last ${seconds} seconds` }),
  lastMinutes: (/** @type {number} */ minutes) =>
    form(minutes, { one: "Last minute", other: `Last ${minutes} minutes` }),
  ago: (/** @type {string} */ duration) => `${duration} ago`,
  lasting: (/** @type {string} */ duration) => `for ${duration}`,
  range: (/** @type {string} */ from, /** @type {string} */ to) => `${from} – ${to}`,
  qr_code: (/** @type {string} */ address) => `QR code: ${address}`,
  unknown_language: "Unknown language",
};
