/** What is still waited for before the first bars can stand there, step by step. */

import { byId, make, put, write } from "../ui/dom.js";
import { duration } from "../i18n/format.js";
import { none } from "../model/inputs.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/page_types.js").Snapshot} Snapshot */
/** @typedef {import("../model/page_types.js").Connection} Connection */

/**
 * The step that is under way: 0 the dashboard is reached, 1 Spark starts, 2 posts come, 3 none: there is something to
 * show, or the strip says why not. Pure.
 *
 * @param {Snapshot | null} newest @param {Connection["state"]} connection
 */
export function stepOf(newest, connection) {
  if (newest === null) return connection === "connected" ? 1 : 0;
  const { newest_at_ms, ingest } = newest.health;
  const coming = ingest.sources.some(({ state }) => ["starting", "waiting", "live"].includes(state));
  return newest_at_ms === null && ingest.reachable && coming && none(ingest.sources) === null ? 2 : 3;
}

export class Waiting {
  constructor() {
    this.element = byId("waiting");
    this.step = -1;
    this.since_ms = 0;
    this.items = words.waiting.steps.map((step) => make("li", "", make("span", "", step), make("span", "waited")));
    byId("waiting-steps").append(...this.items);
  }

  /** @param {Snapshot | null} newest @param {Connection["state"]} connection @param {number} now_ms */
  show(newest, connection, now_ms) {
    const step = stepOf(newest, connection);
    if (step !== this.step) this.since_ms = now_ms;
    this.step = step;
    this.element.hidden = step >= this.items.length;
    this.items.forEach((item, place) => {
      put(item, "data-step", place < step ? "done" : place === step ? "now" : "later");
      put(item, "aria-current", place === step ? "step" : null);
      write(/** @type {Element} */ (item.lastChild), place === step ? duration(now_ms - this.since_ms) : "");
    });
    return !this.element.hidden;
  }
}
