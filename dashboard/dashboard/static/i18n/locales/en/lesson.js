/**
 * Texts in English: the lesson. It has the words of programs (micro-batch, pane, driver, executor), because a class finds
 * them again in Spark and in the code.
 */

import { plurals } from "../../plural.js";

const form = plurals("en");

const posts = (/** @type {string} */ shown, /** @type {number} */ value) =>
  form(value, { one: `${shown} post`, other: `${shown} posts` });

export const words = {
  lesson: {
    title: "How it works",
    back: "Back to the live page",
    map: "The way of a post, in six stages",
    controls: "Stages and speed",
    previous: "Previous",
    next: "Next",
    again: "Newest micro-batch",
    pause: "Pause",
    play: "Play",
    slower: "Slower",
    faster: "Faster",
    speed: (/** @type {string} */ times) => `${times}×`,
    why: "Why?",
    stage_of: (/** @type {string} */ stage, /** @type {string} */ stages) => `Stage ${stage} of ${stages}`,
    spoken: (/** @type {string} */ stage_of, /** @type {string} */ name, /** @type {string} */ sentence) =>
      `${stage_of}: ${name}. ${sentence}`,
    /** Where a stage runs. @type {Record<string, string>} */
    places: { ingest: "ingest", executors: "executors", driver: "driver", dashboard: "dashboard" },
    executor: (/** @type {string} */ number) => `executor ${number}`,
    runs_in: (/** @type {string} */ place) => `Runs in: ${place}`,
    /** The steps of the trace. @type {Record<string, string>} */
    steps: {
      plan: "plan",
      count: "count",
      store: "store",
      rank: "rank",
      push: "push",
      show: "show",
    },

    batch: (/** @type {string} */ id) => `Micro-batch ${id}`,
    offsets: (/** @type {string} */ first, /** @type {string} */ last) => `offsets ${first} to ${last}`,
    newer: (/** @type {string} */ shown, /** @type {number} */ value) =>
      form(value, {
        one: `Newer micro-batches exist: ${shown} post counted since.`,
        other: `Newer micro-batches exist: ${shown} posts counted since.`,
      }),
    loading: "Waiting for the newest micro-batch…",
    none_yet:
      "No micro-batch yet. Spark starts one when new posts come, at most once a second. The job notes what it does only while somebody looks at this page.",
    no_newer: (/** @type {string} */ why) => `No newer micro-batch: ${why}`,
    no_posts: "This micro-batch has no posts. Spark still closes panes when their time is over.",
    no_tags: "No post of this micro-batch has a hashtag that may be shown.",
    no_task: "No task counted posts in this micro-batch.",

    /**
     * Of each stage: its name on the map, its sentence, and two sentences that say why. `pane` and `window`: their lengths.
     *
     * @type {Record<string, {name: string, sentence: (pane: string, window: string) => string, why: string[]}>}
     */
    stages: {
      posts: {
        name: "Posts come in",
        sentence: () => "Ingest accepts a post that matches the terms and is new, and writes it at the end of a log.",
        why: [
          "A post that comes twice, or that nobody wants, must not be counted, so ingest drops it here.",
          "The place of a post in the log is its offset: it never changes, so each post can be counted exactly once.",
        ],
      },
      tags: {
        name: "Hashtags",
        sentence: () => "Ingest finds the hashtags in each text and writes each as a key, so that spellings of one hashtag are one.",
        why: [
          "#WorldCup and #worldcup must be one bar and not two: both have the key worldcup.",
          "A hashtag that is twice in one post counts once, because the numbers are numbers of posts.",
        ],
      },
      count: {
        name: "Count",
        sentence: () => "Spark cuts the micro-batch into tasks, and the executors count their parts at the same time.",
        why: [
          "Each task reads its own offsets of the log, so two executors never count the same post.",
          "Only the counts travel to the driver, not the posts: that is much less to send.",
        ],
      },
      pane: {
        name: "Add",
        sentence: (pane) =>
          `The driver adds these counts to the open pane: the ${pane} that are being filled now.`,
        why: [
          "The counts and the last offset are stored in one transaction, so after a crash the job knows which posts are counted.",
          "With one number for each pane and hashtag, the job never has to read an old post again.",
        ],
      },
      window: {
        name: "Window",
        sentence: (_pane, window) =>
          `The closed panes and the open one make the window of ${window}, and a pane that leaves it is subtracted.`,
        why: [
          "Adding the new posts and subtracting the old pane takes the same time, however many posts the window has.",
          "To count all posts of the window again each second would take longer with each new post.",
        ],
      },
      top: {
        name: "Top 10",
        sentence: () => "The driver ranks the hashtags and pushes the list to the dashboard, which sends it to every open page.",
        why: [
          "Two hashtags with equally many posts are ordered by their keys, so every page shows the same order.",
          "A push holds the whole list, so a lost one costs nothing: the next one replaces it.",
        ],
      },
    },

    accepted: "Accepted",
    dropped: "Dropped",
    posts,
    accepted_within: (/** @type {string} */ duration) => `accepted within ${duration}`,
    shown: (/** @type {string} */ some, /** @type {string} */ all) => `${some} of ${all} posts shown`,
    shown_dropped: (/** @type {string} */ some, /** @type {string} */ all) => `${some} of ${all} dropped posts shown`,
    none_dropped: "No post was dropped since the micro-batch before.",
    /** Why a post was dropped. */
    reasons: { filtered: "filtered out", duplicate: "duplicate", malformed: "malformed" },
    /** @type {Record<string, string>} */
    details: {
      filtered: "The terms don't want it.",
      duplicate: "A post with this id is in the log already.",
      malformed: "It can't be read.",
    },
    text_hidden: "The text is not shown.",
    no_hashtag: "no hashtag",
    found_tags: (/** @type {string} */ shown, /** @type {number} */ value) =>
      form(value, { one: `${shown} hashtag in these posts`, other: `${shown} different hashtags in these posts` }),
    process: (/** @type {string} */ number, /** @type {string} */ took) => `process ${number}: ${took}`,
    tasks: (/** @type {string} */ shown, /** @type {number} */ value) =>
      form(value, { one: `${shown} task`, other: `${shown} tasks` }),
    one_task: "1 task: so few posts are not cut",
    counts: "Counts of this micro-batch",
    open_pane: (/** @type {string} */ range) => `Open pane: ${range}`,
    pane_before: "in the pane before",
    this_batch: "this micro-batch",
    pane_after: "in the pane now",
    closed_late: (/** @type {string} */ shown, /** @type {number} */ value) =>
      form(value, {
        one: `Besides, ${shown} count belongs to a pane that has closed.`,
        other: `Besides, ${shown} counts belong to panes that have closed.`,
      }),
    window_before: "in the window before",
    left: "pane that left",
    window_after: "in the window now",
    window_is: (/** @type {string} */ closed, /** @type {string} */ range) =>
      `${closed} closed panes + the open one: ${range}`,
    pane_left: (/** @type {string} */ range, /** @type {string} */ posts_text) => `left the window: ${range}, ${posts_text}`,
    nothing_left: "No pane left the window with this micro-batch: one leaves when a new pane begins.",
    panes_of: (/** @type {string} */ tag) => `Panes of ${tag}`,
    panes_text: (/** @type {string} */ tag, /** @type {string} */ numbers, /** @type {string} */ left) =>
      `Posts with ${tag} in each pane, oldest first: ${numbers}. Posts that left: ${left}.`,
    leaves: "leaves",
    leaves_next: "leaves next",
    open: "open",
    rank_new: "NEW",
    rank_same: "=",
    ranks_up: (/** @type {number} */ value) => `▲ ${value}`,
    ranks_down: (/** @type {number} */ value) => `▼ ${value}`,
    took: (/** @type {string} */ step, /** @type {string} */ place, /** @type {string} */ duration) =>
      `${step} (${place}): ${duration}`,
    clocks: "Each service measures with its own clock.",
  },
};
