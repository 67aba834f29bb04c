/** Watches whether all is well, and tells it: in the strip, in the banner, in the title. */

import { Banner } from "./alarm.js";
import { Dropped } from "../model/inputs.js";
import { Ready } from "../net/readiness.js";
import { stateOf } from "../model/pipeline_state.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/page_types.js").Snapshot} Snapshot */
/** @typedef {import("../net/live_feed.js").Feed} Feed */

export class Watch {
  /** @param {import("./strip.js").Strip} strip */
  constructor(strip) {
    this.strip = strip;
    this.banner = new Banner();
    this.dropped = new Dropped();
    this.ready = new Ready();
  }

  /** A snapshot has come. @param {Snapshot} snapshot */
  note(snapshot) {
    this.dropped.note(snapshot);
    this.strip.note(snapshot);
  }

  /** The server does not show a view; what to say aloud. @param {string} sentence why */
  noteRefused(sentence) {
    this.banner.note(words.alarm.refused_view, sentence, performance.now());
    return `${words.alarm.refused_view} ${sentence}`;
  }

  /** The reader has chosen another view. */
  forgetRefused() {
    this.banner.forget();
  }

  /**
   * To be called about once a second; ages go on without a snapshot.
   *
   * @param {Feed} feed @param {import("../model/playback.js").Playback} playback
   */
  tell(feed, { newest, pace_ms }) {
    feed.check(pace_ms);
    const { connection, age_ms, answers } = feed;
    const { refused } = this.ready;
    const now_ms = Date.now();
    const known = { now_ms, age_ms, answers, pace_ms, refused, dropped: this.dropped.since };
    const state = stateOf(newest, connection, known);
    void this.ready.check(connection.state === "connected" && (newest === null || state.stale), performance.now());
    this.strip.showState(state, newest, now_ms, refused);
    this.strip.showConnection(connection);
    if (newest) this.strip.showFacts(newest, age_ms);
    this.banner.show(state, newest, refused, performance.now());
    return state;
  }
}
