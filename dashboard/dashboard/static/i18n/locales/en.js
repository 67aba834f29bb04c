/**
 * Every text of the page, in English. A translation is a file of the same shape in this folder, named by its language code.
 * docs/page.md ("Words of the page") lists the terms. Numbers and times arrive as formatted text; a plain number beside
 * them selects the plural form.
 */

import { plurals } from "../plural.js";

const form = plurals("en");

const posts = (/** @type {string} */ shown, /** @type {number} */ value) =>
  form(value, { one: `${shown} post`, other: `${shown} posts` });

const waiting = (/** @type {string} */ shown, /** @type {number} */ value) =>
  form(value, { one: `${shown} newer update`, other: `${shown} newer updates` });

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
    move: "Rank change",
    hashtag: "Hashtag",
    posts: "Posts",
    share: "Share",
    change: "Posts change",
    first_seen: "First seen",
    time: "Timeline",
    pause: "Pause",
    back_to_live: "Back to live",
    slider: "Time to show",
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
    meanwhile: "Status now:",
    strip: "Pipeline status",
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
    trouble: "Problem",
    track: "Track file",
    spool: "Spool",
    history: "History",
    inputs: "Received",
    relay: "Other dashboards",
    cut: "Left out",
    began: "Counting restarted",
    take: "Save",
    take_csv: "numbers for a spreadsheet",
    take_json: "numbers for a program",
    take_png: "picture",
    take_svg: "scalable picture",
    take_moment: "Copy link to this moment",
    take_live: "Copy link to the live page",
    take_live_note: "shows the newest numbers when it is opened",
    take_link: "Link",
    qr: "Open on your phone:",
    full_screen: "Full screen: press F or double-click.",
    open_full: "Open the full page",
    waiting: "The leading hashtags will appear here when the first posts have been counted.",
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

  board: {
    no_tags: "No hashtags in this window.",
    no_choice: "No hashtags match this filter.",
    window_passed: "No posts arrived in this window.",
    none_in_batch: "No hashtags in the last batch.",
    none_then: "No hashtags at that time.",
    none_tagged: (/** @type {string} */ some_posts) => `Since start: ${some_posts}, none with a hashtag.`,
    counted: (/** @type {string} */ some_posts) => `Since start: ${some_posts}.`,
    show_all: "Show all posts",
    show_window: "Show the last minutes",
    new: "NEW",
    left: "OUT",
    left_why: "No longer among the leading hashtags. It keeps its place while the order is held.",
    up: (/** @type {number} */ places) => `▲${places}`,
    down: (/** @type {number} */ places) => `▼${places}`,
    pin: (/** @type {string} */ tag) => `Pin ${tag} to compare`,
    pins_full: "Five hashtags are pinned. Unpin one first.",
    against: {
      window: (/** @type {string} */ duration) => `vs ${duration} earlier`,
      batch: "vs previous batch",
      total: "vs seconds ago",
    },
  },

  view: {
    batch: "Just now",
    total: "Since start",
    past: (/** @type {string} */ duration) => `${duration} in the past`,
    so_far: (/** @type {string} */ part, /** @type {string} */ whole) => `${part} so far (window: ${whole})`,
    first_seconds: "First seconds",
    missing: (/** @type {string} */ duration) => `${duration} not counted`,
    all: "All posts",
    sources: "Source",
    langs: "Language",
    choice: (/** @type {string} */ name, /** @type {string} */ shown) => `${name} (${shown})`,
  },

  /** Steps before the first bars appear, in this order. */
  waiting: {
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
    nothing_kept: "History is available when the first ten seconds are stored.",
    not_kept: "No history is stored for that time.",
    other_view: (/** @type {string} */ view) =>
      `No history is stored for “${view}”, so the page shows the window of all posts.`,
  },

  take: {
    nothing: "There is nothing to save yet.",
    curves: (/** @type {string} */ name) => `${name}: curves`,
    saved: (/** @type {string} */ file) => `Saved as ${file}`,
    looking: "Loading …",
    moment: (/** @type {string} */ clock) => `shows the window at ${clock}`,
    only_window: "History is stored for the window of all posts only.",
    copied: "Link copied.",
    by_hand: "This browser does not allow the page to copy. Copy this link:",
  },

  panel: {
    not_leading: "not leading",
    as_of: (/** @type {string} */ clock) => `at ${clock}`,
    not_known: "unknown",
    link: (/** @type {string} */ platform) => `View on ${platform}`,
    pin: "Pin",
    unpin: "Unpin",
    loading: "Loading …",
    never_led: (/** @type {string} */ tag) => `${tag} was not among the leading hashtags in the last 24 hours.`,
    compare: (/** @type {string} */ shown) => `Compare (${shown})`,
    away: "The dashboard does not respond.",
  },

  /** Announcements for screen readers. */
  summary: {
    leads: (/** @type {string} */ tag, /** @type {string} */ some_posts) => `${tag} leads with ${some_posts}.`,
    entered: (/** @type {string} */ tags) => `New among the leading hashtags: ${tags}.`,
    climbed: (/** @type {string} */ tag, /** @type {number} */ rank) => `${tag} moved up to rank ${rank}.`,
    /** @type {Record<string, string>} */
    modes: { live: "Live again.", paused: "Paused.", past: "Showing the past." },
  },

  strip: {
    cut: (/** @type {string} */ shown, /** @type {number} */ value) =>
      form(value, {
        one: `${shown} long name or rare entry, to keep updates small`,
        other: `${shown} long names and rare entries, to keep updates small`,
      }),
    none: "none",
    none_yet: "none yet",
    everything: "all posts",
    asked: (/** @type {string} */ name, /** @type {string} */ terms) => `${name}: ${terms}`,
    asked_in: (/** @type {string} */ name, /** @type {string} */ terms, /** @type {string} */ langs) =>
      `${name}: ${terms} (${langs})`,
    in_state: (/** @type {string} */ fact, /** @type {string} */ state) => `${fact} – ${state}`,
    resumes: (/** @type {string} */ clock) => ` until ${clock}`,
    refuses: (/** @type {string} */ name, /** @type {string} */ why) => `${name} rejected the connection: ${why}`,
    no_reason: "It gave no reason.",
    not_reached: (/** @type {string} */ name, /** @type {string} */ why) =>
      `Can't reach ${name}; retrying.${why && ` ${why}`}`,
    /** @type {Record<string, string>} */
    feeds: { local: "local", remote: "remote" },
    without_feed: (/** @type {string} */ fact, /** @type {string} */ feed) =>
      `${fact} (its server offers no live feed of ${feed} posts)`,
    bill: (/** @type {string} */ some_posts, /** @type {string} */ price) => `${some_posts}, ${price}`,
    bill_of_month: (
      /** @type {string} */ today,
      /** @type {string} */ some,
      /** @type {string} */ limit,
      /** @type {string} */ price,
    ) => `${today}; this month ${some} of ${limit}, ${price}`,
    meter: (/** @type {string} */ bill, /** @type {string} */ by_x, /** @type {string} */ by_us) =>
      `${bill}; X counted ${by_x} this month, ingest counted ${by_us}`,
    meter_of_cycle: (/** @type {string} */ bill, /** @type {string} */ by_x, /** @type {string} */ by_us) =>
      `${bill}; X counted ${by_x} in its billing cycle, ingest counted ${by_us} this month`,
    lag: (/** @type {string} */ some_posts, /** @type {string} */ duration) => `${some_posts}, ${duration}`,
    dropped: (/** @type {string} */ tags, /** @type {string} */ some_posts) => `${tags} with ${some_posts}`,
    lost: (/** @type {string} */ lost, /** @type {string} */ unreadable) => `${lost} (unreadable: ${unreadable})`,
    connection: { connecting: "connecting", connected: "connected", lost: "not connected", offline: "offline" },
    by_polling: "connected (polling)",
    /** @type {Record<string, string>} */
    source_states: {
      starting: "starting",
      waiting: "waiting",
      retrying: "retrying",
      paused: "paused",
      refused: "rejected",
      finished: "finished",
    },
  },

  /** Posts received, and what happened to them. */
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
      `${some_posts} arrived, but none passed the filter${filter && ` (${filter})`}.`,
    all_duplicate: (/** @type {string} */ some_posts) => `${some_posts} arrived, but none was new.`,
    all_malformed: (/** @type {string} */ some_posts, /** @type {string} */ reasons) =>
      `${some_posts} arrived, but none was well-formed: ${reasons}.`,
    none_of: (/** @type {string} */ some_posts, /** @type {string} */ parts) =>
      `${some_posts} arrived, but none was counted: ${parts}.`,
  },

  alarm: {
    more: (/** @type {string} */ shown, /** @type {number} */ value) =>
      form(value, { one: `+${shown} more alarm`, other: `+${shown} more alarms` }),
    refused_view: "The dashboard rejected this view.",
  },

  state: {
    /** @type {Record<string, string>} */
    titles: {
      starting: "Starting",
      live: "Live",
      quiet: "Quiet",
      behind: "Behind",
      finished: "Finished",
      retrying: "Source unreachable",
      refused: "Rejected by source",
      paused: "Source paused",
      "ingest-away": "Ingest unreachable",
      stopped: "Counting stopped",
      disconnected: "Disconnected",
    },
    connecting: "Connecting to the dashboard.",
    first_batch: "Waiting for the first batch. Spark takes about ten seconds to start.",
    disconnected: (/** @type {string} */ clock) =>
      `The connection to the dashboard was lost at ${clock}. Reconnecting.`,
    offline: (/** @type {string} */ clock) => `This browser has been offline since ${clock}.`,
    unreached: "This browser can't reach the dashboard. Reconnecting.",
    unheard: (/** @type {string} */ clock) => `This browser has received nothing from the dashboard since ${clock}.`,
    never: (/** @type {string} */ clock) =>
      `The dashboard has received no update since ${clock}. Check the Spark job.`,
    pushes_refused: (/** @type {string} */ why) => `The dashboard rejects the updates of the Spark job: ${why}`,
    refused_since: (/** @type {string} */ clock, /** @type {string} */ why) =>
      `No update since ${clock}. The dashboard rejects the updates of the Spark job: ${why}`,
    no_snapshot: (/** @type {string} */ clock) => `No update since ${clock}. Check the Spark job.`,
    query_failed: (/** @type {string} */ why) => `Counting failed and is restarting: ${why}`,
    ingest_away: (/** @type {string} */ clock, /** @type {string} */ why) =>
      `The Spark job has been unable to reach ingest since ${clock}. ${why}`,
    ingest_running: "Is ingest running?",
    paused: (/** @type {string} */ name, /** @type {string} */ resumption, /** @type {string} */ why) =>
      `${name} is paused${resumption}${why ? `: ${why}` : "."}`,
    not_begun: (/** @type {string} */ name) => `Waiting for ${name} to start.`,
    finished: (/** @type {string} */ some_posts) => `The source has ended. Counted: ${some_posts}.`,
    behind: (/** @type {string} */ duration, /** @type {string} */ some_posts) =>
      `Counting is ${duration} behind. Not counted yet: ${some_posts}.`,
    first_posts: "Counting is running. Waiting for the first posts.",
    none_through: (/** @type {string} */ why) => `Counting is running. ${why}`,
    finished_with_none: (/** @type {string} */ why) => `The source has ended. ${why}`,
    not_counted_yet: "Counting is running. No posts counted yet.",
    none_counted: (/** @type {string} */ clock) => `Counting is running. No posts counted since ${clock}.`,
    quiet_but: (/** @type {string} */ clock, /** @type {string} */ why) =>
      `Counting is running. No posts counted since ${clock}. ${why}`,
    no_post: "Counting is running. No posts yet.",
    quiet: (/** @type {string} */ clock) => `Counting is running. No posts since ${clock}.`,
    live: "Posts are counted as they arrive.",
  },
};
