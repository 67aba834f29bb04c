/** Client of the HTTP API: windows, the timeline and tags from the dashboard's history. */

import { words } from "../i18n/messages.js";

/** @typedef {import("../model/page_types.js").PastSnapshot} PastSnapshot */
/** @typedef {import("../model/types.js").Timeline} Timeline */
/** @typedef {import("../model/page_types.js").TagFacts} TagFacts */

const REQUEST_TIMEOUT_MS = 10_000;


/**
 * A request failed. The message is a sentence for the viewer. `from_server`: the sentence is the server's, in English.
 * `not_found`: the requested item does not exist.
 */
export class ApiError extends Error {
  /** @param {string} message @param {boolean} [from_server] @param {boolean} [not_found] */
  constructor(message, from_server = false, not_found = false) {
    super(message);
    this.from_server = from_server;
    this.not_found = not_found;
  }
}

/** An ApiError is returned, another error is thrown. @param {unknown} error @returns {ApiError} */
export function catchApiError(error) {
  if (error instanceof ApiError) return error;
  throw error;
}

/**
 * The stored window at a time, with more tags than are shown, or the list of Rising then. Throws ApiError.
 *
 * @param {number} at_ms @param {import("../model/types.js").View} view a view that the history has
 * @returns {Promise<PastSnapshot>}
 */
export function windowAt(at_ms, { ranking, by }) {
  const of_window = `${by === "authors" ? "&by=authors" : ""}&reserve=true`;
  return get(`/api/windows?at_ms=${at_ms}${ranking === "rising" ? "&view=rising" : of_window}`, words.time.no_history);
}

/** Posts per step over the whole history. Throws ApiError. @param {number} max_points @returns {Promise<Timeline>} */
export const timeline = (max_points) => get(`/api/timeline?points=${max_points}`);

/** What the dashboard knows about a tag. Throws ApiError. @param {string} key @returns {Promise<TagFacts>} */
export const tagFacts = (key) =>
  get(`/api/tags/${encodeURIComponent(key)}`, words.panel.never_led(`#${key}`));

/**
 * A tag in the archive. Throws ApiError.
 *
 * @param {string} key @param {number} from_ms @param {number} to_ms @param {"hour" | "day"} step
 * @returns {Promise<import("../model/types.js").ArchivedCurve>}
 */
export function archivedTag(key, from_ms, to_ms, step) {
  const range = `from_ms=${from_ms}&to_ms=${to_ms}&step=${step}`;
  return get(`/api/archive/tags/${encodeURIComponent(key)}?${range}`);
}

/**
 * The hours of the archive, each with its posts. Throws ApiError.
 *
 * @param {number} from_ms @param {number} to_ms @returns {Promise<import("../model/types.js").ArchivedHours>}
 */
export const archivedHours = (from_ms, to_ms) => get(`/api/archive?from_ms=${from_ms}&to_ms=${to_ms}`);

/**
 * The leading tags of the hour or the day of a time. Throws ApiError.
 *
 * @param {number} at_ms @param {"hour" | "day"} step @returns {Promise<import("../model/types.js").ArchivedLeaders>}
 */
export const archivedLeaders = (at_ms, step) => get(`/api/archive/leaders?at_ms=${at_ms}&step=${step}`);

/**
 * The newest posts with a tag. Throws ApiError.
 *
 * @param {string} key @returns {Promise<import("../model/types.js").TagPosts>}
 */
export const tagPosts = (key) =>
  get(`/api/tags/${encodeURIComponent(key)}/posts`, words.posts_of_tag.none["none yet"]);

/**
 * How a number was made. Throws ApiError.
 *
 * @param {string} query which number @returns {Promise<import("../model/types.js").Explanation>}
 */
export const explain = (query) => get(`/api/explain?${query}`);

/**
 * The alerts that the dashboard stores, and the rules of the page. Throws ApiError.
 *
 * @returns {Promise<import("../model/types.js").AlertsAnswer>}
 */
export const storedAlerts = () => get("/api/alerts");

/**
 * Count a pane again. Throws ApiError.
 *
 * @param {number} from_ms the start of the pane @param {string | null} key of a tag
 * @returns {Promise<import("../model/types.js").Recount>}
 */
export const recount = (from_ms, key) =>
  get(`/api/recount?from_ms=${from_ms}${key === null ? "" : `&key=${encodeURIComponent(key)}`}`);

/**
 * The hashtags that a text is part of, those that begin with it first. Throws ApiError.
 *
 * @param {string} text @param {AbortSignal} signal ends the request
 * @returns {Promise<import("../model/types.js").SearchAnswer>}
 */
export const findTags = (text, signal) => get(`/api/search?q=${encodeURIComponent(text)}`, undefined, signal);

/**
 * What happened in the newest micro-batch. Throws ApiError.
 *
 * @returns {Promise<import("../model/types.js").Lesson>}
 */
export const lesson = () => get("/api/lesson");

/**
 * Disturb the running services. Throws ApiError.
 *
 * @param {import("../model/types.js").Fault["fault"]} fault @returns {Promise<{number: number}>}
 */
export const beginFault = (fault) =>
  request("/api/lesson/faults", {
    ...{ method: "POST", headers: { "Content-Type": "application/json" } },
    ...{ body: JSON.stringify({ fault }), signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) },
  });

/**
 * @param {string} path @param {string} [not_found_text] for the viewer, where the status is 404
 * @param {AbortSignal} [signal] ends the request @returns {Promise<any>}
 */
function get(path, not_found_text, signal) {
  const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
  return request(path, { signal: signal ? AbortSignal.any([signal, timeout]) : timeout }, not_found_text);
}

/** @param {string} path @param {RequestInit} options @param {string} [not_found_text] @returns {Promise<any>} */
async function request(path, options, not_found_text) {
  /** @type {Response} */
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new ApiError(words.panel.no_response);
  }
  const body = await response.json().catch(() => null);
  if (response.status === 404 && not_found_text) throw new ApiError(not_found_text, false, true);
  if (!response.ok || body === null) {
    throw new ApiError(body?.error ?? words.panel.no_response, Boolean(body?.error), response.status === 404);
  }
  return body;
}
