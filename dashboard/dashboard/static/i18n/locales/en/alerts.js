/** Texts in English: the alerts, their list, and the rules of the viewer. */

import { plurals } from "../../plural.js";

const form = plurals("en");

export const words = {
  alerts: {
    bell: (/** @type {string} */ shown, /** @type {number} */ value) =>
      form(value, { one: `Alerts: ${shown} new`, other: `Alerts: ${shown} new` }),
    several: (/** @type {string} */ shown, /** @type {number} */ value) =>
      form(value, { one: `${shown} new alert.`, other: `${shown} new alerts.` }),
    more_than: (/** @type {string} */ shown) => `${shown}+`,
    is_new: "New",
    dropped: (/** @type {string} */ shown, /** @type {number} */ value) =>
      form(value, {
        one: `${shown} alert was dropped: too many waited while the dashboard was away.`,
        other: `${shown} alerts were dropped: too many waited while the dashboard was away.`,
      }),
    show_moment: (/** @type {string} */ clock) => `Show ${clock}`,

    /** The places of the viewer's rules. @type {Record<number, string>} */
    places: { 1: "first place", 3: "the top 3", 10: "the top 10" },
    tell_me_when: (/** @type {string} */ tag) => `Tell me when ${tag} reaches`,
    rule: (/** @type {string} */ tag, /** @type {string} */ place) => `${tag} reaches ${place}`,
    reached: (/** @type {string} */ tag, /** @type {string} */ place, /** @type {string} */ counted) =>
      `${tag} reached ${place}: ${counted}.`,
    posts: (/** @type {string} */ some_posts, /** @type {string} */ length) => `${some_posts} in ${length}`,
    posts_and_people: (/** @type {string} */ some_posts, /** @type {string} */ length, /** @type {string} */ people) =>
      `${some_posts} in ${length}, from ${people}`,
    set: (/** @type {string} */ places) => `Alert: ${places}`,
    made: (/** @type {string} */ rule) => `Alert set: ${rule}.`,
    removed: (/** @type {string} */ rule) => `Alert removed: ${rule}.`,
    too_many: "This browser stores at most 100 rules. Remove one first.",
    remove: "Remove",
    remove_rule: (/** @type {string} */ rule) => `Remove: ${rule}`,
    undo_rule: (/** @type {string} */ rule) => `Undo: ${rule}`,

    /** Whether the browser shows notifications, and if not, why. */
    notify: {
      on: "Notifications are on: this browser shows each alert while the page is open and you use another window.",
      off: "Notifications are off.",
      blocked: "This browser blocks notifications of this page. Its settings for this page can allow them.",
      unsupported: "This browser can't show notifications of a page.",
      insecure: "Browsers show notifications only of pages over HTTPS or on localhost.",
    },
    dismissed: "Notifications are off: the question of the browser was closed without an answer.",
    turn_on: "Turn on notifications",
    turn_off: "Turn off notifications",
  },
};
