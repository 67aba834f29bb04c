/** Which moment is shown: now, one that is held, or one of the kept past; and which view that has. */

import { sameView } from "../model/address.js";
import { viewTitle } from "../board/heading.js";
import { KeptError, windowAt } from "../net/api.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/types.js").View} View */

/**
 * What it works with. `view`: that of the live page, which the way back leads to; `failed`: the moment is not kept;
 * `changed`: another moment is shown.
 * @typedef {{playback: import("../model/playback.js").Playback, timebar: import("./timebar.js").Timebar,
 *   announcer: import("../status/announcer.js").Announcer, view: () => View, now: () => number,
 *   failed: () => void, changed: () => void}} Parts
 */

export class Moments {
  /** @param {Parts} parts */
  constructor(parts) {
    this.parts = parts;
    /** Grows with each question: only the newest answer counts. */
    this.asked = 0;
  }

  /** The view that is shown: the past has the window of all posts alone, whatever the live page looks at. */
  get view() {
    return this.parts.playback.held?.view ?? this.parts.view();
  }

  /** Show a moment of the kept past, or the newest again. @param {number | null} at_ms */
  async goTo(at_ms) {
    const { playback, timebar, announcer, failed, changed } = this.parts;
    const mine = ++this.asked;
    timebar.say(null);
    if (at_ms === null) playback.release();
    else {
      try {
        const past = await windowAt(at_ms);
        if (mine === this.asked) playback.hold(past);
      } catch (error) {
        if (!(error instanceof KeptError)) throw error;
        if (mine !== this.asked) return;
        failed();
        timebar.say(error.message, error.quoted);
        announcer.say(error.message);
      }
    }
    changed();
  }

  /** Hold what is shown; an answer of the past that is still awaited comes too late. */
  pause() {
    const { playback } = this.parts;
    this.asked += 1;
    if (playback.newest) playback.hold(playback.newest);
  }

  /** Say in the bar of time where the page is; a change of that is said aloud. */
  show() {
    const { playback, timebar, announcer, now } = this.parts;
    const before = timebar.mode;
    timebar.show(playback, now(), this.#missingView());
    if (timebar.mode === before) return;
    announcer.say([words.summary.modes[timebar.mode], this.#missingView()].filter(Boolean).join(" "));
  }

  /** Why another view is shown than the live page has; empty where it is the same. */
  #missingView() {
    const { playback, view } = this.parts;
    if (playback.mode !== "past" || sameView(this.view, view())) return "";
    return words.time.other_view(viewTitle(view()));
  }
}
