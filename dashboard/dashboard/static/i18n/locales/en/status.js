/** Texts in English: the strip, the alarms, and the state of the pipeline. */

import { plurals } from "../../plural.js";

const form = plurals("en");

export const words = {
  strip: {
    cut: (/** @type {string} */ shown, /** @type {number} */ value) =>
      form(value, {
        one: `${shown} long name or rare entry, to keep updates small`,
        other: `${shown} long names and rare entries, to keep updates small`,
      }),
    none: "none",
    none_yet: "none yet",
    all_posts: "all posts",
    named: (/** @type {string} */ name, /** @type {string} */ terms) => `${name}: ${terms}`,
    named_in_languages: (/** @type {string} */ name, /** @type {string} */ terms, /** @type {string} */ langs) =>
      `${name}: ${terms} (${langs})`,
    in_state: (/** @type {string} */ fact, /** @type {string} */ state) => `${fact} – ${state}`,
    until: (/** @type {string} */ clock) => ` until ${clock}`,
    rejected: (/** @type {string} */ name, /** @type {string} */ why) => `${name} rejected the connection: ${why}`,
    no_reason: "It gave no reason.",
    unreachable: (/** @type {string} */ name, /** @type {string} */ why) =>
      `Can't reach ${name}; retrying.${why && ` ${why}`}`,
    /** @type {Record<string, string>} */
    feeds: { local: "local", remote: "remote" },
    without_feed: (/** @type {string} */ fact, /** @type {string} */ feed) =>
      `${fact} (its server offers no live feed of ${feed} posts)`,
    with_past: (/** @type {string} */ fact, /** @type {string} */ moment) =>
      `${fact} (those before ${moment} were made up at the start)`,
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
    late: (/** @type {string} */ lost, /** @type {string} */ late) => `${lost}. Counted late: ${late}`,
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
    unreachable: "This browser can't reach the dashboard. Reconnecting.",
    nothing_received: (/** @type {string} */ clock) =>
      `This browser has received nothing from the dashboard since ${clock}.`,
    no_first_update: (/** @type {string} */ clock) =>
      `The dashboard has received no update since ${clock}. Check the Spark job.`,
    updates_rejected: (/** @type {string} */ why) => `The dashboard rejects the updates of the Spark job: ${why}`,
    updates_rejected_since: (/** @type {string} */ clock, /** @type {string} */ why) =>
      `No update since ${clock}. The dashboard rejects the updates of the Spark job: ${why}`,
    no_update: (/** @type {string} */ clock) => `No update since ${clock}. Check the Spark job.`,
    counting_failed: (/** @type {string} */ why) => `Counting failed and is restarting: ${why}`,
    ingest_unreachable: (/** @type {string} */ clock, /** @type {string} */ why) =>
      `The Spark job has been unable to reach ingest since ${clock}. ${why}`,
    ingest_running: "Is ingest running?",
    paused: (/** @type {string} */ name, /** @type {string} */ resumption, /** @type {string} */ why) =>
      `${name} is paused${resumption}${why ? `: ${why}` : "."}`,
    not_started: (/** @type {string} */ name) => `Waiting for ${name} to start.`,
    finished: (/** @type {string} */ some_posts) => `The source has ended. Counted: ${some_posts}.`,
    behind: (/** @type {string} */ duration, /** @type {string} */ some_posts) =>
      `Counting is ${duration} behind. Not counted yet: ${some_posts}.`,
    first_posts: "Counting is running. Waiting for the first posts.",
    none_accepted: (/** @type {string} */ why) => `Counting is running. ${why}`,
    finished_with_none: (/** @type {string} */ why) => `The source has ended. ${why}`,
    not_counted_yet: "Counting is running. No posts counted yet.",
    none_counted: (/** @type {string} */ clock) => `Counting is running. No posts counted since ${clock}.`,
    quiet_because: (/** @type {string} */ clock, /** @type {string} */ why) =>
      `Counting is running. No posts counted since ${clock}. ${why}`,
    no_post: "Counting is running. No posts yet.",
    quiet: (/** @type {string} */ clock) => `Counting is running. No posts since ${clock}.`,
    live: "Posts are counted as they arrive.",
  },
};
