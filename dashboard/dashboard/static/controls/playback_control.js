/** Controls which time the page displays: live, paused, or a time of the history. */

import { sameView, storedView } from "../model/address.js";
import { viewTitle } from "../board/heading.js";
import { archivedSnapshot } from "../model/archive.js";
import { ApiError, archivedLeaders, catchApiError, windowAt } from "../net/api.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/types.js").View} View */
/** @typedef {import("../model/page_types.js").Step} Step */
/** @typedef {import("../model/page_types.js").PastSnapshot} PastSnapshot */

/**
 * `view`: returns the view of the live page. `onNotStored`: the requested time is not in the history. `onChange`: the
 * page displays another time. `onArchived`: the requested time is in no history, but in the archive.
 * @typedef {{playback: import("../model/playback.js").Playback, timebar: import("./timebar.js").Timebar,
 *   announcer: import("../status/announcer.js").Announcer, view: () => View, now: () => number,
 *   onNotStored: () => void, onChange: () => void, onArchived: (step: Step) => void}} Dependencies
 */

export class PlaybackControl {
  /** @param {Dependencies} dependencies */
  constructor(dependencies) {
    this.dependencies = dependencies;
    /** Number of the last request: the response to an older request is ignored. */
    this.request_number = 0;
    /** Is the response to the last request still to come? */
    this.waits = false;
    /** The running request to the archive. @type {Promise<unknown>} */
    this.asking = Promise.resolve();
  }

  /** The displayed view: the history has only Rising and the window of all posts, whatever the view of the live page. */
  get view() {
    return this.dependencies.playback.frozen?.view ?? this.dependencies.view();
  }

  /**
   * Display a time of the history, an hour or a day of the archive, or the newest snapshot.
   *
   * @param {number | null} at_ms null for the newest @param {Step | null} step null for the history
   */
  async goTo(at_ms, step) {
    const { playback, timebar, announcer, onNotStored, onChange } = this.dependencies;
    const request_number = ++this.request_number;
    timebar.showError(null);
    this.waits = at_ms !== null;
    if (at_ms === null) playback.goLive();
    else {
      try {
        const past = await (step === null
          ? this.#stored(at_ms, request_number)
          : this.#archived(at_ms, step, request_number));
        if (past && request_number === this.request_number) playback.freeze(past);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        if (request_number !== this.request_number) return;
        onNotStored();
        timebar.showError(error.message, error.from_server);
        announcer.respond(error.message);
      } finally {
        if (request_number === this.request_number) this.waits = false;
      }
    }
    onChange();
  }

  /**
   * A time of the history. If it is older, its hour in the archive. Null if the viewer has gone on meanwhile.
   *
   * @param {number} at_ms @param {number} request_number @returns {Promise<PastSnapshot | null>}
   */
  async #stored(at_ms, request_number) {
    const stored = await windowAt(at_ms, storedView(this.dependencies.view())).catch(catchApiError);
    if (!(stored instanceof ApiError)) return stored;
    const hour = stored.not_found ? await archivedLeaders(at_ms, "hour").catch(catchApiError) : stored;
    if (hour instanceof ApiError || hour.hours === 0) throw stored;
    if (request_number !== this.request_number) return null;
    this.dependencies.onArchived("hour");
    return archivedSnapshot(hour, "hour");
  }

  /**
   * One request after the other: a slider that is dragged asks for more than the job answers at the same time. Null if the
   * viewer has gone on meanwhile.
   *
   * @param {number} at_ms @param {Step} step @param {number} request_number @returns {Promise<PastSnapshot | null>}
   */
  async #archived(at_ms, step, request_number) {
    const before = this.asking;
    await before;
    // Of those that waited for the same request, only the newest goes on.
    if (request_number !== this.request_number) return null;
    const request = archivedLeaders(at_ms, step);
    this.asking = request.catch(catchApiError);
    return archivedSnapshot(await request, step);
  }

  /** Pause at the newest snapshot; the response to a running request is ignored. */
  pause() {
    const { playback } = this.dependencies;
    this.request_number += 1;
    this.waits = false;
    if (playback.newest) playback.freeze(playback.newest);
  }

  /** Update the timebar, and announce a change of the mode. */
  show() {
    const { playback, timebar, announcer, now } = this.dependencies;
    const mode_before = timebar.mode;
    timebar.show(playback, now(), this.#otherViewText(), this.waits);
    if (timebar.mode === mode_before) return;
    announcer.respond([words.announcements.modes[timebar.mode], this.#otherViewText()].filter(Boolean).join(" "));
  }

  /** Why another view than that of the live page is displayed; empty if it is the same. */
  #otherViewText() {
    const { playback, view } = this.dependencies;
    if (playback.mode !== "past" || sameView(this.view, view())) return "";
    const archived = playback.frozen?.archived;
    return words.time[archived ? "view_without_archive" : "view_without_history"](viewTitle(view()));
  }
}
