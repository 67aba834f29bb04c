/**
 * Every text of the page, in English. Another language is another file of this shape beside it, named by its code; that
 * is all. Numbers and times come in as they are to be read; a bare number beside them is for the plural.
 */

import { plurals } from "../plural.js";

const form = plurals("en");

const posts = (/** @type {string} */ shown, /** @type {number} */ value) =>
  form(value, { one: `${shown} post`, other: `${shown} posts` });

const waiting = (/** @type {string} */ shown, /** @type {number} */ value) =>
  form(value, { one: `${shown} newer update waiting`, other: `${shown} newer updates waiting` });

export const words = {
  /** Of numbers and times, where the reader's browser names no country for this language. */
  locale: "en-GB",

  /** Texts of the template, by the name in `data-word`, `data-label` or `data-title`. @type {Record<string, string>} */
  page: {
    title: "Live hashtags",
    ranking: "Ranking",
    ranking_window: "Last minutes",
    ranking_batch: "Just now",
    ranking_total: "Since start",
    more: "More",
    top: "Bars",
    filter: "Posts",
    bars: "Bars",
    table: "Table",
    compare: "Compare",
    leaders: "Leading hashtags",
    rows: "Leading hashtags by rank; the arrow keys go through them",
    rank: "Rank",
    move: "Move",
    hashtag: "Hashtag",
    posts: "Posts",
    share: "Share",
    change: "Change",
    first_seen: "First seen",
    pin: "Pin",
    time: "Time",
    pause: "Pause",
    back_to_live: "Back to live",
    slider: "Moment to show",
    close: "Close",
    languages: "Language of this page",
    in_window: "In the window",
    rank_in_window: "Rank",
    since_start: "Since the start",
    share_of_posts: "Share of posts",
    window_curve: "The last minutes",
    history_curve: "As far as it is kept",
    curve_gaps: "Where the curve is broken, the hashtag was not among the leading 50.",
    pin_hint: "Pin up to five hashtags with the button at the end of their rows.",
    meanwhile: "Meanwhile:",
    strip: "Is it alive?",
    rate: "Posts per second",
    newest: "Newest post",
    lag: "Lag",
    batch: "Last count took",
    dropped: "Dropped tags",
    malformed: "Malformed",
    lost: "Lost posts",
    browser: "This browser",
    billed: "Billed today (UTC)",
    source: "Source",
    trouble: "Trouble",
    track: "Track file",
    spool: "Spool",
    history: "History",
    inputs: "Came in",
    relay: "Other dashboards",
    cut: "Left out",
    began: "Counting began again",
    take: "Save",
    take_csv: "numbers for a spreadsheet",
    take_json: "numbers for a program",
    take_png: "picture",
    take_svg: "picture for any size",
    take_moment: "Copy link to this moment",
    take_live: "Copy link to the live page",
    take_live_note: "what leads when it is opened",
    take_link: "Link",
    qr: "On your phone:",
    full_screen: "Full screen: press F or double-click",
    open_full: "Open the full page",
    waiting: "The leading hashtags will stand here as soon as the first posts are counted.",
    help: "What is counted?",
    help_title: "What is counted here",
    help_drawing: "A row of boxes under a bracket: the steps of the window. The box on the right is being filled; the oldest one leaves on the left.",
    help_open: "The one on the right is being filled.",
    help_window_name: "Last minutes: the window",
    help_batch: "The posts that were counted together last, usually those of one second. Programs call this a micro-batch.",
    help_total: "All posts since counting began.",
    help_past_name: "In the past",
    help_past: "The line of time at the bottom leads to earlier windows of all posts. Nothing else is kept of the past.",
    help_api: "For programs: the API of this page",
    order_held: "Order held while you point at the list; it returns when you leave.",
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
  unknown_language: "Language unknown",

  board: {
    no_tags: "No hashtags in this window.",
    no_choice: "No hashtags of this choice in the window.",
    window_passed: "No post came within this window.",
    none_in_batch: "No hashtags in the last micro-batch.",
    none_then: "No hashtags at that time.",
    none_tagged: (/** @type {string} */ some_posts) => `${some_posts} are counted, and none of them has a hashtag.`,
    counted: (/** @type {string} */ some_posts) => `Since the start: ${some_posts}.`,
    show_all: "Show all posts",
    show_window: "Show the last minutes",
    new: "NEW",
    left: "LEFT",
    left_why: "No longer among the leaders; it keeps its place while the order is held",
    up: (/** @type {number} */ places) => `▲${places}`,
    down: (/** @type {number} */ places) => `▼${places}`,
    pin: (/** @type {string} */ tag) => `Pin ${tag} to compare`,
    pins_full: "Five are pinned: unpin one first",
    against: {
      window: (/** @type {string} */ duration) => `vs ${duration} before`,
      batch: "vs just before",
      total: "vs seconds ago",
    },
  },

  view: {
    batch: "Just now",
    total: "Since the start",
    past: (/** @type {string} */ duration) => `${duration} of the past`,
    so_far: (/** @type {string} */ part, /** @type {string} */ whole) => `${part} so far, of ${whole}`,
    first_seconds: "First seconds",
    missing: (/** @type {string} */ duration) => `${duration} of it not counted`,
    all: "All posts",
    sources: "Source",
    langs: "Language",
    choice: (/** @type {string} */ name, /** @type {string} */ shown) => `${name} (${shown})`,
  },

  /** What is waited for before there are bars, in this order. */
  waiting: {
    steps: [
      "This page reaches the dashboard.",
      "Spark starts, which takes about ten seconds.",
      "The first posts come and are counted.",
    ],
  },

  /** What the button "?" explains. */
  help: {
    step: (/** @type {string} */ pane) =>
      `Posts are counted in steps of ${pane}: each box is one step. Programs call it a pane.`,
    window: (/** @type {string} */ window, /** @type {string} */ pane) =>
      `The posts of the last ${window}. After ${pane} the oldest step leaves the window, and a new one begins.`,
  },

  /** Where the posts are from. */
  sources: {
    demo: "Demo · made-up posts",
    demo_among: "demo (made-up posts)",
    replay: "Recording · posts of a file",
    replay_of: (/** @type {string} */ names) => `Recording · posts of a file: ${names}`,
    several: (/** @type {string} */ names, /** @type {number} */ count) =>
      form(count, { one: `Source: ${names}`, other: `Sources: ${names}` }),
    unknown: "Source not kept",
  },

  time: {
    paused: (/** @type {string} */ shown, /** @type {number} */ value) => `Paused · ${waiting(shown, value)}`,
    past: (/** @type {string} */ shown, /** @type {number} */ value) => `In the past · ${waiting(shown, value)}`,
    nothing_kept: "The past can be looked at as soon as the first ten seconds are kept.",
    not_kept: "That moment is not kept.",
    other_view: (/** @type {string} */ view) =>
      `Only the window of all posts is kept, so “${view}” is not shown. Back to live shows it again.`,
  },

  take: {
    nothing: "There is nothing to save yet.",
    curves: (/** @type {string} */ name) => `${name}: curves`,
    saved: (/** @type {string} */ file) => `Saved as ${file}`,
    looking: "Looking it up …",
    moment: (/** @type {string} */ clock) => `the window as kept at ${clock}`,
    only_window: "The past is kept of the window of all posts only.",
    copied: "The link is copied.",
    by_hand: "This browser lets no page copy; here is the link:",
  },

  panel: {
    not_leading: "not leading",
    as_of: (/** @type {string} */ clock) => `at ${clock}`,
    not_known: "not known",
    link: (/** @type {string} */ platform) => `See it on ${platform}`,
    pin: "Pin",
    unpin: "Unpin",
    loading: "Looking it up …",
    never_led: (/** @type {string} */ tag) => `${tag} was not among the leading hashtags of the last 24 hours.`,
    compare: (/** @type {string} */ shown) => `Compare (${shown})`,
    away: "The dashboard does not answer.",
  },

  /** What a reader hears who does not see the page. */
  summary: {
    leads: (/** @type {string} */ tag, /** @type {string} */ some_posts) => `${tag} leads with ${some_posts}.`,
    entered: (/** @type {string} */ tags) => `New among the leaders: ${tags}.`,
    climbed: (/** @type {string} */ tag, /** @type {number} */ rank) => `${tag} has climbed to rank ${rank}.`,
    /** @type {Record<string, string>} */
    modes: { live: "Live again.", paused: "Paused.", past: "In the past." },
  },

  strip: {
    cut: (/** @type {string} */ shown, /** @type {number} */ value) =>
      form(value, {
        one: `${shown} long name or rare entry, so that snapshots stay small`,
        other: `${shown} long names and rare entries, so that snapshots stay small`,
      }),
    none: "none",
    none_yet: "none yet",
    everything: "everything",
    asked: (/** @type {string} */ name, /** @type {string} */ terms) => `${name}: ${terms}`,
    asked_in: (/** @type {string} */ name, /** @type {string} */ terms, /** @type {string} */ langs) =>
      `${name}: ${terms} (${langs})`,
    in_state: (/** @type {string} */ fact, /** @type {string} */ state) => `${fact} – ${state}`,
    resumes: (/** @type {string} */ clock) => `, resumes at ${clock}`,
    refuses: (/** @type {string} */ name, /** @type {string} */ why) => `${name} refuses us: ${why}`,
    no_reason: "It gave no reason.",
    not_reached: (/** @type {string} */ name, /** @type {string} */ why) =>
      `${name} is not reached; ingest keeps trying.${why && ` ${why}`}`,
    /** @type {Record<string, string>} */
    feeds: { local: "local", remote: "remote" },
    without_feed: (/** @type {string} */ fact, /** @type {string} */ feed) =>
      `${fact} (its server doesn't show the live feed of ${feed} posts)`,
    bill: (/** @type {string} */ some_posts, /** @type {string} */ price) => `${some_posts}, ${price}`,
    bill_of_month: (
      /** @type {string} */ today,
      /** @type {string} */ some,
      /** @type {string} */ limit,
      /** @type {string} */ price,
    ) => `${today}; this month ${some} of ${limit}, ${price}`,
    meter: (/** @type {string} */ bill, /** @type {string} */ by_x, /** @type {string} */ by_us) =>
      `${bill}; X's own meter has ${by_x} this month, ${by_us} were counted here`,
    meter_of_cycle: (/** @type {string} */ bill, /** @type {string} */ by_x, /** @type {string} */ by_us) =>
      `${bill}; X's own meter has ${by_x} in its billing cycle, ${by_us} were counted here this month`,
    lag: (/** @type {string} */ some_posts, /** @type {string} */ duration) => `${some_posts}, ${duration}`,
    dropped: (/** @type {string} */ tags, /** @type {string} */ some_posts) => `${tags} with ${some_posts}`,
    lost: (/** @type {string} */ lost, /** @type {string} */ unreadable) => `${lost} (unreadable: ${unreadable})`,
    connection: { connecting: "connecting", connected: "connected", lost: "not connected", offline: "offline" },
    by_polling: "connected by polling",
    /** @type {Record<string, string>} */
    source_states: {
      starting: "starting",
      waiting: "waiting",
      retrying: "retrying",
      paused: "paused",
      refused: "refused",
      finished: "finished",
    },
  },

  /** What came in, and what became of it. */
  inputs: {
    accepted: (/** @type {string} */ some) => `${some} accepted`,
    filtered: (/** @type {string} */ some) => `${some} filtered out`,
    duplicate: (/** @type {string} */ some) => `${some} duplicate`,
    malformed: (/** @type {string} */ some) => `${some} malformed`,
    terms: (/** @type {string} */ terms) => `terms: ${terms}`,
    languages: (/** @type {string} */ langs) => `languages: ${langs}`,
    filtered_by: (/** @type {string} */ some, /** @type {string} */ filter) =>
      `${some} filtered out${filter && ` (${filter})`}`,
    all_filtered: (/** @type {string} */ some_posts, /** @type {string} */ filter) =>
      `${some_posts} came, the filter${filter && ` (${filter})`} let none through.`,
    all_duplicate: (/** @type {string} */ some_posts) => `${some_posts} came, and all had come before.`,
    all_malformed: (/** @type {string} */ some_posts, /** @type {string} */ reasons) =>
      `${some_posts} came, and none could be read: ${reasons}.`,
    none_of: (/** @type {string} */ some_posts, /** @type {string} */ parts) =>
      `${some_posts} came, and none was counted: ${parts}.`,
  },

  alarm: {
    more: (/** @type {string} */ shown, /** @type {number} */ value) =>
      form(value, { one: `+${shown} more alarm`, other: `+${shown} more alarms` }),
    refused_view: "The dashboard does not show this view.",
  },

  state: {
    /** @type {Record<string, string>} */
    titles: {
      starting: "Starting",
      live: "Live",
      quiet: "Quiet",
      behind: "Behind",
      finished: "Finished",
      retrying: "Source lost",
      refused: "Source refused",
      paused: "Source paused",
      "ingest-away": "Ingest away",
      stopped: "Counting stopped",
      disconnected: "Disconnected",
    },
    connecting: "Connecting to the dashboard.",
    first_batch: "Waiting for the first count; Spark takes about ten seconds to start.",
    disconnected: (/** @type {string} */ clock) =>
      `This browser lost the dashboard at ${clock} and keeps trying to reach it.`,
    offline: (/** @type {string} */ clock) => `This browser is offline since ${clock}.`,
    unreached: "This browser has not reached the dashboard yet, and keeps trying.",
    unheard: (/** @type {string} */ clock) => `This browser has heard nothing from the dashboard since ${clock}.`,
    never: (/** @type {string} */ clock) =>
      `The dashboard answers, and has got no snapshot since ${clock}: look at the Spark job.`,
    pushes_refused: (/** @type {string} */ why) => `Snapshots come to the dashboard, and it refuses them: ${why}`,
    refused_since: (/** @type {string} */ clock, /** @type {string} */ why) =>
      `No snapshot since ${clock}: some come to the dashboard, and it refuses them: ${why}`,
    no_snapshot: (/** @type {string} */ clock) => `No snapshot since ${clock}: look at the Spark job.`,
    query_failed: (/** @type {string} */ why) => `The count failed and is being restarted: ${why}`,
    ingest_away: (/** @type {string} */ clock, /** @type {string} */ why) =>
      `The job can't reach ingest since ${clock}. ${why}`,
    ingest_running: "Is ingest running?",
    paused: (/** @type {string} */ name, /** @type {string} */ resumption, /** @type {string} */ why) =>
      `${name} is paused${resumption}${why ? `: ${why}` : "."}`,
    not_begun: (/** @type {string} */ name) => `Waiting for ${name}: the source has not begun.`,
    finished: (/** @type {string} */ some_posts) => `The source has ended, and its ${some_posts} are counted.`,
    behind: (/** @type {string} */ duration, /** @type {string} */ some_posts) =>
      `Counting is ${duration} behind, ${some_posts} not counted yet.`,
    first_posts: "Counting runs; the first posts are on their way.",
    none_through: (/** @type {string} */ why) => `Counting runs: ${why}`,
    finished_with_none: (/** @type {string} */ why) => `The source has ended: ${why}`,
    not_counted_yet: "Counting runs, and no post has been counted yet.",
    none_counted: (/** @type {string} */ clock) => `Counting runs; no post has been counted since ${clock}.`,
    quiet_but: (/** @type {string} */ clock, /** @type {string} */ why) =>
      `Counting runs; no post has been counted since ${clock}: ${why}`,
    no_post: "Counting runs, and no post has come yet.",
    quiet: (/** @type {string} */ clock) => `Counting runs; no post has come since ${clock}.`,
    live: "Posts are counted as they come.",
  },
};
