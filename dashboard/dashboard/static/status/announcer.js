/** Announces the leaders and what changed, for viewers with a screen reader. */

import { isAlarm } from "./alarms.js";
import { setText } from "../ui/dom.js";
import { list, posts } from "../i18n/format.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/types.js").EventLeader} Leader */
/** @typedef {import("../model/pipeline_state.js").State} State */

/** More announcements would be too many to listen to. */
export const ANNOUNCE_EVERY_MS = 10_000;
/** Of more alerts between two announcements only the newest are announced. */
const MAX_ALERTS = 3;
/** A climb is announced from this number of places on. */
const MIN_CLIMB = 3;

/**
 * The leader if it changed, the new tags, and the tag that climbed most. Empty if nothing changed. Pure.
 *
 * @param {Leader[]} leaders the displayed ones, by rank @param {Map<string, number>} before the ranks last announced, by key
 */
export function summaryOf(leaders, before) {
  if (leaders.length === 0) return before.size ? words.board.no_tags : "";
  const texts = words.announcements;
  const [first] = leaders;
  const parts = before.get(first.key) === 1 ? [] : [texts.leads(`#${first.label}`, posts(first.posts))];
  if (before.size === 0) return parts.join(" ");
  const entered = leaders.filter(({ key }) => !before.has(key) && key !== first.key);
  if (entered.length) parts.push(texts.entered(list(entered.map(({ label }) => `#${label}`))));
  const climb = (/** @type {Leader} */ { key, rank }) => (before.get(key) ?? rank) - rank;
  const climber = leaders.slice(1).reduce((best, leader) => (climb(leader) > climb(best) ? leader : best), first);
  if (climber !== first && climb(climber) >= MIN_CLIMB) parts.push(texts.climbed(`#${climber.label}`, climber.rank));
  return parts.join(" ");
}

/**
 * The topics that have entered Rising, or that nothing rises any more. Empty if nothing changed. Pure.
 *
 * @param {{key: string, label: string, reason: string}[]} topics the first tag of each, in the displayed order
 * @param {Map<string, number>} before the places last announced, by key
 */
export function risingSummaryOf(topics, before) {
  if (topics.length === 0) return before.size ? words.rising.nothing : "";
  const texts = words.announcements;
  const entered = topics.filter(({ key }) => !before.has(key));
  if (entered.length === 1) return texts.rises(`#${entered[0].label}`, entered[0].reason);
  return entered.length ? texts.rise(list(entered.map(({ label }) => `#${label}`))) : "";
}

export class Announcer {
  /** @param {HTMLElement} element a polite live region */
  constructor(element) {
    this.element = element;
    this.announced_ms = -Infinity;
    /** Was a response to the viewer announced since the last call of `update`? */
    this.responded = false;
    /** @type {Map<string, number>} */
    this.ranks = new Map();
    /** Texts of alerts that are not announced yet. @type {string[]} */
    this.alerts = [];
    this.state = "";
    this.view = "";
  }

  /**
   * Announce what changed since the last announcement, at most every `ANNOUNCE_EVERY_MS`.
   *
   * @param {Leader[]} leaders the displayed ones @param {State} state
   * @param {string} view identifies the displayed ranking; the leader of another ranking is always announced
   * @param {number} now_ms
   */
  update(leaders, state, view, now_ms) {
    const ranks = new Map(leaders.map(({ key, rank }) => [key, rank]));
    this.#update((before) => summaryOf(leaders, before), ranks, state, view, now_ms);
  }

  /**
   * The same for the view "Rising".
   *
   * @param {{key: string, label: string, reason: string}[]} topics @param {State} state @param {string} view
   * @param {number} now_ms
   */
  updateRising(topics, state, view, now_ms) {
    const places = new Map(topics.map(({ key }, index) => [key, index + 1]));
    this.#update((before) => risingSummaryOf(topics, before), places, state, view, now_ms);
  }

  /**
   * @param {(before: Map<string, number>) => string} summary @param {Map<string, number>} ranks the displayed ones, by key
   * @param {State} state @param {string} view @param {number} now_ms
   */
  #update(summary, ranks, state, view, now_ms) {
    // The banner announces alarms; their end is announced here.
    const alarm = isAlarm(state.name);
    if (alarm) this.state = state.name;
    // A response is not interrupted.
    if (this.responded) this.announced_ms = now_ms;
    this.responded = false;
    if (now_ms - this.announced_ms < ANNOUNCE_EVERY_MS) return;
    if (view !== this.view) this.ranks = new Map();
    const parts = [
      ...this.alerts,
      state.name === this.state ? "" : `${state.title}. ${state.sentence}`,
      summary(this.ranks),
    ].filter(Boolean);
    if (parts.length === 0) return;
    this.announced_ms = now_ms;
    this.alerts = [];
    this.state = state.name;
    this.view = view;
    this.ranks = ranks;
    setText(this.element, parts.join(" "));
  }

  /** Announce an alert with the next announcement. @param {string} text */
  addAlert(text) {
    this.alerts = [...this.alerts, text].slice(-MAX_ALERTS);
  }

  /** Announce the response to an action of the viewer, at once. @param {string} text */
  respond(text) {
    this.responded = true;
    setText(this.element, text);
  }
}
