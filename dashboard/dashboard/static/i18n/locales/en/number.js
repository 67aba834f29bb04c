/** Texts in English: the card of a number. Each sentence about a hashtag gets its name with the #. */

import { plurals } from "../../plural.js";

const form = plurals("en");

/** @typedef {(tag: string) => string} Sentence */

export const words = {
  number: {
    /** @type {Record<string, string>} */
    names: {
      rank: "Rank",
      rank_change: "Rank change",
      posts: "Posts",
      posts_before: "Posts before",
      change: "Posts change",
      authors: "People",
      share: "Share",
      taken_back: "Deleted posts",
      taken_back_part: "Part that is deleted",
      total_posts: "Posts since start",
      first_seen_ms: "First seen",
      pair_posts: "Posts with both",
      rising_times: "Times the usual",
      rising_authors: "People",
      rising_voices: "Voices",
      rising_expected: "Usual voices",
      rising_posts: "Posts",
      rising_copies: "Part with copied texts",
      rising_lang_part: "Part in the main language",
      rising_source_part: "Part of the main source",
      rising_peak_voices: "Earlier peak",
      held_posts: "Posts",
      held_authors: "People",
      held_texts: "Different texts",
      posts_per_second: "Posts per second",
      newest_at_ms: "Newest post",
      lag_posts: "Posts not counted yet",
      lag_ms: "Age of the oldest of them",
      batch_ms: "Last batch took",
      total_tags: "Hashtags since start",
      dropped_tags: "Dropped hashtags",
      dropped_posts: "Posts of the dropped hashtags",
      lost: "Lost posts",
      skipped: "Unreadable posts",
      cut: "Left out",
      accepted: "Accepted",
      filtered: "Filtered out",
      duplicate: "Duplicate",
      malformed: "Malformed",
    },
    /** @type {Record<string, Sentence>} */
    of_tag: {
      rank: (tag) => `The place of ${tag} in this list, without muted hashtags.`,
      rank_change: (tag) => `How many places ${tag} moved up since the open step began. Less than 0: it moved down.`,
      posts: (tag) =>
        `Posts with ${tag}. A post counts once, however often it has the hashtag. Deleted posts stay in the count.`,
      posts_before: (tag) => `Posts with ${tag} in the period before.`,
      change: (tag) => `Posts with ${tag}, divided by those of the period before, minus 1.`,
      authors: (tag) => `Different accounts that wrote posts with ${tag}. An account counts once.`,
      share: (tag) => `The part of all posts of the list that has ${tag}. If the list is by people: the part of all people.`,
      taken_back: (tag) => `Posts with ${tag} that are deleted now. They stay in the number of posts.`,
      taken_back_part: (tag) => `Posts with ${tag} that are deleted now, divided by all posts with it.`,
      total_posts: (tag) => `Posts with ${tag} since counting began.`,
      first_seen_ms: (tag) => `When ${tag} was counted for the first time since counting began.`,
      pair_posts: (tag) => `Posts that have ${tag} and the other hashtag.`,
      rising_times: (tag) => `The voices of ${tag}, divided by the voices that are usual at this time.`,
      rising_authors: (tag) => `Different accounts that wrote posts with ${tag}.`,
      rising_voices: (tag) =>
        `Different accounts that wrote posts with ${tag}, or their different texts if those are fewer.`,
      rising_expected: (tag) => `The voices that are usual for ${tag} at this time.`,
      rising_posts: (tag) => `Posts with ${tag}.`,
      rising_copies: (tag) => `The part of the accounts whose text with ${tag} another account wrote too.`,
      rising_lang_part: (tag) => `The part of the posts with ${tag} that is in the most frequent language.`,
      rising_source_part: (tag) => `The part of the posts with ${tag} that is from the most frequent source.`,
      rising_peak_voices: (tag) => `The most voices that ${tag} had in an earlier window.`,
      held_posts: (tag) => `Posts with ${tag}.`,
      held_authors: (tag) => `Different accounts that wrote posts with ${tag}.`,
      held_texts: (tag) => `Different texts of the posts with ${tag}.`,
    },
    /** @type {Record<string, Sentence>} */
    of_all: {
      posts: () => "All posts, with and without hashtags. Deleted posts stay in the count.",
      posts_before: () => "All posts of the period before.",
      authors: () => "Different accounts that wrote the posts. An account counts once.",
      taken_back: () => "Posts that are deleted now. They stay in the number of posts.",
      posts_per_second: () => "Posts per second over the last 30 seconds.",
      newest_at_ms: () => "When ingest accepted the newest counted post.",
      lag_posts: () => "Posts that are accepted and not counted yet.",
      lag_ms: () => "The age of the oldest post that is not counted yet, at most.",
      batch_ms: () => "How long the last batch took.",
      total_tags: () => "Different hashtags since counting began.",
      dropped_tags: () => "The rarest hashtags, which were removed from “Since start”, because there were too many.",
      dropped_posts: () => "Posts of the hashtags that were removed from “Since start”.",
      lost: () => "Posts that were not counted: removed before they were read, or not readable.",
      skipped: () => "Posts that could not be read.",
      cut: () => "Long names and rare entries that were left out to keep updates small.",
      accepted: () => "Posts that ingest has accepted.",
      filtered: () => "Posts that the terms or the languages excluded.",
      duplicate: () => "Posts that a source sent twice.",
      malformed: () => "Inputs that were not well-formed.",
    },
    time: (/** @type {string} */ span) => `Time: ${span}.`,
    only_source: (/** @type {string} */ source) => `Only posts of the source ${source}.`,
    only_lang: (/** @type {string} */ lang) => `Only posts in this language: ${lang}.`,
    sources: (/** @type {string} */ names) => `Sources: ${names}.`,
    terms: (/** @type {string} */ terms) => `Search terms: ${terms}.`,
    languages: (/** @type {string} */ langs) => `Languages that are accepted: ${langs}.`,
    all_posts: "No search terms: all posts are accepted.",
    /** How the list is ordered. @type {Record<string, string>} */
    orders: {
      posts: "The list is ordered by posts. Equal numbers are ordered by the name of the hashtag.",
      authors: "The list is ordered by people. Equal numbers are ordered by posts, then by the name of the hashtag.",
      score: "The list is ordered by how surprising a rise is.",
    },
    progress: (/** @type {string} */ counted, /** @type {string} */ waiting) =>
      `Counted so far: the first ${counted} of the log. Not counted yet: ${waiting}.`,
    lost: (/** @type {string} */ lost, /** @type {string} */ unreadable) =>
      `Lost: ${lost}, of which unreadable: ${unreadable}.`,
    dropped: (/** @type {string} */ tags, /** @type {string} */ some_posts) =>
      `Dropped from “Since start”: ${tags} rare hashtags with ${some_posts}.`,
    muted: (/** @type {string} */ shown, /** @type {number} */ value) =>
      form(value, {
        one: `${shown} hashtag is muted: it is counted, but not displayed.`,
        other: `${shown} hashtags are muted: they are counted, but not displayed.`,
      }),
    exact: "The number is exact.",
    estimate: "The number is an estimate.",
    copied: "Command copied.",
    copy_by_hand: "This browser does not allow the page to copy. The command is selected.",
    recounting: "The posts are read again …",
    recounted: (/** @type {string} */ range, /** @type {string} */ counted, /** @type {string} */ again) =>
      `${range}: counted ${counted}, recounted ${again}.`,
    equal: "Both are equal.",
    different: "They differ.",
  },
};
