/** Controls which time the page displays: live, paused, or a time of the history. */

import { sameView, storedView } from "../model/address.js";
import { viewTitle } from "../board/heading.js";
import { ApiError, windowAt } from "../net/api.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/types.js").View} View */

/**
 * `view`: returns the view of the live page. `onNotStored`: the requested time is not in the history. `onChange`: the
 * page displays another time.
 * @typedef {{playback: import("../model/playback.js").Playback, timebar: import("./timebar.js").Timebar,
 *   announcer: import("../status/announcer.js").Announcer, view: () => View, now: () => number,
 *   onNotStored: () => void, onChange: () => void}} Dependencies
 */

export class PlaybackControl {
  /** @param {Dependencies} dependencies */
  constructor(dependencies) {
    this.dependencies = dependencies;
    /** Number of the last request: the response to an older request is ignored. */
    this.request_number = 0;
  }

  /** The displayed view: the history has only Rising and the window of all posts, whatever the view of the live page. */
  get view() {
    return this.dependencies.playback.frozen?.view ?? this.dependencies.view();
  }

  /** Display a time of the history, or the newest snapshot. @param {number | null} at_ms null for the newest */
  async goTo(at_ms) {
    const { playback, timebar, announcer, view, onNotStored, onChange } = this.dependencies;
    const request_number = ++this.request_number;
    timebar.showError(null);
    if (at_ms === null) playback.goLive();
    else {
      try {
        const past = await windowAt(at_ms, storedView(view()));
        if (request_number === this.request_number) playback.freeze(past);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        if (request_number !== this.request_number) return;
        onNotStored();
        timebar.showError(error.message, error.from_server);
        announcer.respond(error.message);
      }
    }
    onChange();
  }

  /** Pause at the newest snapshot; the response to a running request is ignored. */
  pause() {
    const { playback } = this.dependencies;
    this.request_number += 1;
    if (playback.newest) playback.freeze(playback.newest);
  }

  /** Update the timebar, and announce a change of the mode. */
  show() {
    const { playback, timebar, announcer, now } = this.dependencies;
    const mode_before = timebar.mode;
    timebar.show(playback, now(), this.#otherViewText());
    if (timebar.mode === mode_before) return;
    announcer.respond([words.announcements.modes[timebar.mode], this.#otherViewText()].filter(Boolean).join(" "));
  }

  /** Why another view than that of the live page is displayed; empty if it is the same. */
  #otherViewText() {
    const { playback, view } = this.dependencies;
    if (playback.mode !== "past" || sameView(this.view, view())) return "";
    return words.time.view_without_history(viewTitle(view()));
  }
}
