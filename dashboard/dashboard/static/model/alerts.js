/** The alerts of the list: those that the dashboard stores, and those of the viewer's own rules. Pure. */

import { count, longLength, people, posts } from "../i18n/format.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("./types.js").ShownAlert} Alert */
/** @typedef {import("./own_rules.js").OwnAlert} OwnAlert */

/**
 * An alert of the list. `lang`: the language of the sentence. `rises`: the link to its moment shows Rising.
 * @typedef {{id: string, at_ms: number, rule: string, key: string | null, label: string, sentence: string, lang: string,
 *   rises: boolean}} ListedAlert
 */

/** The number of alerts in the list, as in the response of the dashboard. */
export const MAX_LISTED = 200;
const MAX_BADGE = 99;

/**
 * A stored alert, with its sentence in the language of the page, or in English.
 *
 * @param {Alert} alert @param {string} language @returns {ListedAlert}
 */
export function listedAlert({ id, at_ms, rule, when, key, label, text }, language) {
  const own = /** @type {Partial<Record<string, string>>} */ ({ ...text })[language];
  const sentence = { sentence: own ?? text.en, lang: own ? language : "en" };
  return { ...{ id, at_ms, rule, key: key ?? null, label: label ?? key ?? "" }, ...sentence, rises: when === "rises" };
}

/** An alert of a rule of the viewer. @param {OwnAlert} alert @param {string} language @returns {ListedAlert} */
export function listedOwnAlert({ id, at_ms, key, label, top, posts: some, authors, window_seconds }, language) {
  const texts = words.alerts;
  const [shown, length] = [posts(some), longLength(window_seconds)];
  const counted = authors === null ? texts.posts(shown, length) : texts.posts_and_people(shown, length, people(authors));
  const tag = `#${label}`;
  const sentence = texts.reached(tag, texts.places[top], counted);
  return { id, at_ms, rule: words.page.own_rule, key, label, sentence, lang: language, rises: false };
}

/**
 * Both lists as one, the newest first, each alert once. Those of one pane have the order of their ids.
 *
 * @param {ListedAlert[]} some @param {ListedAlert[]} more @returns {ListedAlert[]}
 */
export function merged(some, more) {
  const by_id = new Map([...some, ...more].map((alert) => [alert.id, alert]));
  const order = (/** @type {ListedAlert} */ one, /** @type {ListedAlert} */ other) =>
    other.at_ms - one.at_ms || (one.id < other.id ? -1 : 1);
  return [...by_id.values()].sort(order).slice(0, MAX_LISTED);
}

/** The stored ids of the alerts that the viewer has seen. Anything else than texts is left out. @param {unknown} stored */
export const parseSeen = (stored) =>
  new Set(Array.isArray(stored) ? stored.filter((id) => typeof id === "string") : []);

/** The text of the badge; empty without a new alert. @param {number} unseen */
export function badgeText(unseen) {
  if (unseen === 0) return "";
  return unseen > MAX_BADGE ? words.alerts.more_than(count(MAX_BADGE)) : count(unseen);
}

/** One text for several new alerts. @param {string[]} sentences the oldest first */
export function summaryOfAlerts(sentences) {
  const number = sentences.length;
  return number > 3 ? `${words.alerts.several(count(number), number)} ${sentences[number - 1]}` : sentences.join(" ");
}

/**
 * Whether the browser shows notifications.
 *
 * @param {{is_secure: boolean, is_supported: boolean, permission: NotificationPermission, wanted: boolean}} browser
 * @returns {"insecure" | "unsupported" | "blocked" | "on" | "off"}
 */
export function notificationState({ is_secure, is_supported, permission, wanted }) {
  if (!is_secure) return "insecure";
  if (!is_supported) return "unsupported";
  if (permission === "denied") return "blocked";
  return permission === "granted" && wanted ? "on" : "off";
}
