/** What the dashboard keeps, asked for over HTTP. */

import { words } from "../i18n/messages.js";

/** @typedef {import("../model/page_types.js").PastSnapshot} PastSnapshot */
/** @typedef {import("../model/types.js").Timeline} Timeline */
/** @typedef {import("../model/page_types.js").TagFacts} TagFacts */

const ANSWER_WITHIN_MS = 10_000;

/**
 * The answer was no; the message is a sentence for the reader. `quoted`: it is the server's own, in English. `never`: what
 * was asked for does not exist.
 */
export class KeptError extends Error {
  /** @param {string} message @param {boolean} [quoted] @param {boolean} [never] */
  constructor(message, quoted = false, never = false) {
    super(message);
    this.quoted = quoted;
    this.never = never;
  }
}

/** The window as it stood at a moment. Throws KeptError. @param {number} at_ms @returns {Promise<PastSnapshot>} */
export const windowAt = (at_ms) => get(`/api/windows?at_ms=${at_ms}`, words.time.not_kept);

/** Posts per step over all that is kept. Throws KeptError. @param {number} points at most @returns {Promise<Timeline>} */
export const timeline = (points) => get(`/api/timeline?points=${points}`);

/** What is known of a tag. Throws KeptError. @param {string} key @returns {Promise<TagFacts>} */
export const tagFacts = (key) =>
  get(`/api/tags/${encodeURIComponent(key)}`, words.panel.never_led(`#${key}`));

/** @param {string} path @param {string} [not_found] what to say where it does not exist @returns {Promise<any>} */
async function get(path, not_found) {
  /** @type {Response} */
  let response;
  try {
    response = await fetch(path, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
  } catch {
    throw new KeptError(words.panel.away);
  }
  const body = await response.json().catch(() => null);
  if (response.status === 404 && not_found) throw new KeptError(not_found, false, true);
  if (!response.ok || body === null) throw new KeptError(body?.error ?? words.panel.away, Boolean(body?.error));
  return body;
}
