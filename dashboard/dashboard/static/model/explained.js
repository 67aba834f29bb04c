/** How a number was made, as sentences. Pure. */

import { count, languageName, list, posts, span } from "../i18n/format.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("./types.js").Explanation} Explained */

/**
 * @param {Explained} explained @param {string | null} tag with the #; null for a number of the whole view
 * @returns {string[]}
 */
export function sentencesOf(explained, tag) {
  const { of, from_ms, to_ms, order } = explained;
  const texts = words.number;
  const what = tag === null ? (texts.of_all[of] ?? texts.of_tag[of]) : texts.of_tag[of];
  return [
    what?.(tag ?? "") ?? "",
    texts.time(span(from_ms, to_ms)),
    filterSentence(explained),
    order === null ? "" : texts.orders[order],
    progressSentence(explained),
    lossSentence(explained),
  ].filter(Boolean);
}

/** Which posts are counted: source, language, terms. @param {Explained} explained */
function filterSentence({ source, lang, sources, terms, languages }) {
  const texts = words.number;
  return [
    source ? texts.only_source(source) : sources?.length ? texts.sources(list(sources)) : "",
    lang ? texts.only_lang(languageName(lang)) : "",
    terms.length ? texts.terms(list(terms)) : texts.all_posts,
    languages.length ? texts.languages(list(languages.map(languageName))) : "",
  ].filter(Boolean).join(" ");
}

/** How far counting is. @param {Explained} explained */
function progressSentence({ counted_until_offset, lag_posts }) {
  if (counted_until_offset === null) return "";
  return words.number.progress(posts(counted_until_offset), posts(lag_posts ?? 0));
}

/** What was lost, dropped, muted or estimated. @param {Explained} explained */
function lossSentence({ lost, skipped, dropped_tags, dropped_posts, muted, is_estimate }) {
  const texts = words.number;
  const parts = [
    lost ? texts.lost(posts(lost), count(skipped ?? 0)) : "",
    dropped_tags ? texts.dropped(count(dropped_tags), posts(dropped_posts ?? 0)) : "",
    muted?.hidden ? texts.muted(count(muted.hidden), muted.hidden) : "",
    is_estimate ? texts.estimate : texts.exact,
  ];
  return parts.filter(Boolean).join(" ");
}
