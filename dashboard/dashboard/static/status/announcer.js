/** What a reader hears who does not see the bars move: who leads, and what changed. */

import { isAlarm } from "./alarm.js";
import { write } from "../ui/dom.js";
import { list, posts } from "../i18n/format.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/types.js").EventLeader} Leader */
/** @typedef {import("../model/pipeline_state.js").State} State */

/** Nobody can listen to more. */
export const SPOKEN_EVERY_MS = 10_000;
/** From so many places on a climb is worth a word. */
const CLIMB_FROM = 3;

/**
 * Who leads, if that is another than before; who is new; who climbed most. Empty where nothing changed. Pure.
 *
 * @param {Leader[]} leaders in sight, by rank @param {Map<string, number>} before their ranks when last told, by key
 */
export function summaryOf(leaders, before) {
  if (leaders.length === 0) return before.size ? words.board.no_tags : "";
  const say = words.summary;
  const [first] = leaders;
  const parts = before.get(first.key) === 1 ? [] : [say.leads(`#${first.label}`, posts(first.posts))];
  if (before.size === 0) return parts.join(" ");
  const entered = leaders.filter(({ key }) => !before.has(key) && key !== first.key);
  if (entered.length) parts.push(say.entered(list(entered.map(({ label }) => `#${label}`))));
  const climb = (/** @type {Leader} */ { key, rank }) => (before.get(key) ?? rank) - rank;
  const climber = leaders.slice(1).reduce((best, one) => (climb(one) > climb(best) ? one : best), first);
  if (climber !== first && climb(climber) >= CLIMB_FROM) parts.push(say.climbed(`#${climber.label}`, climber.rank));
  return parts.join(" ");
}

export class Announcer {
  /** @param {HTMLElement} element a polite live region */
  constructor(element) {
    this.element = element;
    this.spoken_ms = -Infinity;
    this.answered = false;
    /** @type {Map<string, number>} */
    this.ranks = new Map();
    this.state = "";
    this.view = "";
  }

  /**
   * Tell what changed since it was last told, if that is long enough ago.
   *
   * @param {Leader[]} leaders in sight @param {State} state @param {string} view which ranking is shown: another one is
   * told from its beginning @param {number} now_ms
   */
  tell(leaders, state, view, now_ms) {
    // The banner speaks of those; that they are over is told here.
    const alarm = isAlarm(state.name);
    if (alarm) this.state = state.name;
    // An answer is heard out.
    if (this.answered) this.spoken_ms = now_ms;
    this.answered = false;
    if (now_ms - this.spoken_ms < SPOKEN_EVERY_MS) return;
    if (view !== this.view) this.ranks = new Map();
    const parts = [
      state.name === this.state ? "" : `${state.title}. ${state.sentence}`,
      summaryOf(leaders, this.ranks),
    ].filter(Boolean);
    if (parts.length === 0) return;
    this.spoken_ms = now_ms;
    this.state = state.name;
    this.view = view;
    this.ranks = new Map(leaders.map(({ key, rank }) => [key, rank]));
    write(this.element, parts.join(" "));
  }

  /** An answer to what the reader just did does not wait. @param {string} text */
  say(text) {
    this.answered = true;
    write(this.element, text);
  }
}
