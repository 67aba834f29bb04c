/** The steps of the start, displayed until the first bars can appear. */

import { byId, make, setAttribute, setText } from "../ui/dom.js";
import { duration } from "../i18n/format.js";
import { whyNoneAccepted } from "../model/inputs.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/page_types.js").Snapshot} Snapshot */
/** @typedef {import("../model/page_types.js").Connection} Connection */

/**
 * The current step: 0 connect to the dashboard, 1 Spark starts, 2 the first posts come, 3 done: there are bars, or the
 * strip says why there are none. Pure.
 *
 * @param {Snapshot | null} newest @param {Connection["state"]} connection
 */
export function stepOf(newest, connection) {
  if (newest === null) return connection === "connected" ? 1 : 0;
  const { newest_at_ms, ingest } = newest.health;
  const posts_may_come = ingest.sources.some(({ state }) => ["starting", "waiting", "live"].includes(state));
  return newest_at_ms === null && ingest.reachable && posts_may_come && whyNoneAccepted(ingest.sources) === null ? 2 : 3;
}

export class StartupSteps {
  constructor() {
    this.element = byId("startup");
    this.step = -1;
    this.since_ms = 0;
    this.items = words.startup.steps.map((step) => make("li", "", make("span", "", step), make("span", "elapsed")));
    byId("startup-steps").append(...this.items);
  }

  /**
   * @param {Snapshot | null} newest @param {Connection["state"]} connection @param {number} now_ms
   * @returns {boolean} are the steps displayed?
   */
  show(newest, connection, now_ms) {
    const step = stepOf(newest, connection);
    if (step !== this.step) this.since_ms = now_ms;
    this.step = step;
    this.element.hidden = step >= this.items.length;
    this.items.forEach((item, index) => {
      setAttribute(item, "data-step", index < step ? "done" : index === step ? "now" : "later");
      setAttribute(item, "aria-current", index === step ? "step" : null);
      setText(/** @type {Element} */ (item.lastChild), index === step ? duration(now_ms - this.since_ms) : "");
    });
    return !this.element.hidden;
  }
}
