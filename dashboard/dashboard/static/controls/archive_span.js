/** Which time the slider spans: the last 24 hours, or days of the archive. Without an archive there is no choice. */

import { archivedHours, catchApiError, ApiError } from "../net/api.js";
import { MOST_DAYS, sliderSteps } from "../model/archive.js";
import { byId, setAttribute } from "../ui/dom.js";

/** @typedef {import("../model/page_types.js").Step} Step */

/** An hour is added each hour. */
const REQUEST_EVERY_MS = 300_000;
const DAY_MS = 86_400_000;

export class ArchiveSpan {
  /**
   * @param {{onStep: (step: Step | null) => void, onLoaded: () => void}} handlers
   * `onStep`: the viewer has chosen other steps; `onLoaded`: the hours of the archive have come
   */
  constructor({ onStep, onLoaded }) {
    this.select = /** @type {HTMLSelectElement} */ (byId("span"));
    this.onLoaded = onLoaded;
    /** @type {Step | null} */
    this.step = null;
    /** @type {import("../model/archive.js").Hours} */
    this.hours = [];
    this.requested_at_ms = 0;
    this.select.addEventListener("change", () => onStep(/** @type {Step | ""} */ (this.select.value) || null));
  }

  /** The steps of the slider. Null for the last 24 hours, and as long as no hour is known. @param {number} now_ms */
  steps(now_ms) {
    return this.step && sliderSteps(this.hours, this.step, now_ms);
  }

  /** @param {Step | null} step @param {number} now_ms */
  setStep(step, now_ms) {
    this.step = step;
    this.select.value = step ?? "";
    if (step !== null) void this.refresh(now_ms);
  }

  /** Offer the choice if there is an archive. @param {number | null} archived_hours null if there is none */
  offer(archived_hours) {
    const hidden = this.step === null && !archived_hours;
    if (this.select.hidden !== hidden) this.select.hidden = hidden;
    setAttribute(document.body, "data-archive", hidden ? null : "");
  }

  /** Request the hours again if they are old. @param {number} now_ms */
  async refresh(now_ms) {
    if (this.step === null || Math.abs(now_ms - this.requested_at_ms) < REQUEST_EVERY_MS) return;
    this.requested_at_ms = now_ms;
    // A time to the minute: a browser may use the answer again.
    const to_ms = Math.ceil(now_ms / 60_000) * 60_000;
    const found = await archivedHours(to_ms - (MOST_DAYS + 1) * DAY_MS, to_ms).catch(catchApiError);
    if (found instanceof ApiError) {
      // The next refresh requests them again.
      this.requested_at_ms = 0;
      return;
    }
    this.hours = found.hours;
    this.onLoaded();
  }
}
