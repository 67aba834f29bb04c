/** The text of a post, in parts: plain text, and hashtags that have a panel. Pure. */

/** @typedef {{text: string, key: string | null}} Part `key`: of the hashtag, null for plain text */

/** A # and what may be a hashtag. Which of them are hashtags, ingest has decided: the post has a list of its tags. */
const CANDIDATE = /[#＃](?:[\p{L}\p{M}\p{N}\p{Pc}\p{Cf}·]|・)+/gu;

/** Two spellings of a hashtag have the same fold. @param {string} text */
const fold = (text) => text.normalize("NFKC").replaceAll(/\p{Cf}/gu, "").toLowerCase();

/**
 * @param {string} text @param {{key: string, label: string}[]} tags of the post
 * @returns {Part[]} together they are the text
 */
export function partsOf(text, tags) {
  const keys = new Map(tags.flatMap(({ key, label }) => [[key, key], [fold(label), key]]));
  /** @type {Part[]} */
  const parts = [];
  let end = 0;
  for (const { 0: word, index } of text.matchAll(CANDIDATE)) {
    const key = keys.get(fold(word.slice(1)));
    if (key === undefined) continue;
    parts.push({ text: text.slice(end, index), key: null }, { text: word, key });
    end = index + word.length;
  }
  return [...parts, { text: text.slice(end), key: null }].filter(({ text: part }) => part !== "");
}

/** The address of the original if it is a web page, otherwise null. @param {string | null} url */
export function webAddress(url) {
  const parsed = url === null ? null : URL.parse(url);
  return parsed && (parsed.protocol === "https:" || parsed.protocol === "http:") ? parsed.href : null;
}
