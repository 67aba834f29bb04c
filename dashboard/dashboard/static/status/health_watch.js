/** Watches the pipeline, and displays its state in the strip, in the banner and in the title. */

import { Banner } from "./banner.js";
import { DroppedInputs } from "../model/inputs.js";
import { RefusedPush } from "../net/refused_push.js";
import { stateOf } from "../model/pipeline_state.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/page_types.js").Snapshot} Snapshot */
/** @typedef {import("../net/live_feed.js").LiveFeed} LiveFeed */

export class HealthWatch {
  /** @param {import("./strip.js").Strip} strip */
  constructor(strip) {
    this.strip = strip;
    this.banner = new Banner();
    this.dropped = new DroppedInputs();
    this.refused_push = new RefusedPush();
  }

  /** @param {Snapshot} snapshot */
  onSnapshot(snapshot) {
    this.dropped.update(snapshot);
    this.strip.addRate(snapshot);
  }

  /** Display that the server refuses a view. @param {string} error @returns {string} the text to announce */
  onViewRefused(error) {
    this.banner.showNotice(words.alarm.refused_view, error, performance.now());
    return `${words.alarm.refused_view} ${error}`;
  }

  /** The viewer has chosen another view. */
  onViewChange() {
    this.banner.clearNotice();
  }

  /**
   * Update the displayed state. Call it about once a second, since ages grow without a snapshot.
   *
   * @param {LiveFeed} feed @param {import("../model/playback.js").Playback} playback
   */
  update(feed, { newest, interval_ms }) {
    feed.check(interval_ms);
    const { connection, age_ms, is_responding } = feed;
    const { refused } = this.refused_push;
    const now_ms = Date.now();
    const client = { now_ms, age_ms, is_responding, interval_ms, refused, dropped: this.dropped.since_start };
    const state = stateOf(newest, connection, client);
    const is_missing = connection.state === "connected" && (newest === null || state.stale);
    void this.refused_push.check(is_missing, performance.now());
    this.strip.showState(state, newest, now_ms, refused);
    this.strip.showConnection(connection);
    if (newest) this.strip.showFacts(newest, age_ms);
    this.banner.show(state, newest, refused, performance.now());
    return state;
  }
}
