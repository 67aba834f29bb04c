/** The curves of the tags in the panel over days, from the archive. Without an archive nothing is displayed. */

import { LineChart } from "./line_chart.js";
import { archiveSummary, archivePoints, SPANS } from "../model/archive.js";
import { byId, setText } from "../ui/dom.js";
import { ApiError, archivedTag, catchApiError } from "../net/api.js";

/** @typedef {import("../model/types.js").ArchivedCurve} ArchivedCurve */
/** @typedef {(key: string) => {colour: string, dash: string}} StyleOf */

/** An hour is added each hour. */
const REQUEST_EVERY_MS = 300_000;

export class ArchiveCurve {
  /** @param {any} figures see dashboard/page/figures.py */
  constructor(figures) {
    this.chart = new LineChart(byId("archive-curve"), figures);
    this.span = /** @type {HTMLSelectElement} */ (byId("archive-span"));
    /** @type {string[]} */
    this.keys = [];
    /** @type {StyleOf} */
    this.styleOf = () => ({ colour: "", dash: "solid" });
    /** Number of the last request: the response to an older request is ignored. */
    this.request_number = 0;
    this.requested_at_ms = 0;
    /** The job has no archive, so this visit requests nothing more of it. */
    this.is_missing = false;
    /** The hours in the archive, as the newest snapshot says: null for no archive. @type {number | null | undefined} */
    this.archived_hours = undefined;
    /** By key. @type {Map<string, ArchivedCurve>} */
    this.curves = new Map();
    this.span.addEventListener("change", () => void this.#request(this.requested_at_ms));
  }

  /**
   * @param {string[]} keys @param {StyleOf} styleOf @param {number} now_ms
   * @param {number | null | undefined} archived_hours undefined: it is not known
   */
  show(keys, styleOf, now_ms, archived_hours) {
    this.styleOf = styleOf;
    this.archived_hours = archived_hours;
    const is_same = keys.join("\n") === this.keys.join("\n");
    this.keys = keys;
    if (this.is_missing) return;
    if (!is_same) this.curves.clear();
    if (!is_same || now_ms - this.requested_at_ms > REQUEST_EVERY_MS) void this.#request(now_ms);
    this.#render();
  }

  /** @param {number} now_ms */
  async #request(now_ms) {
    const { keys, span } = this;
    const request_number = ++this.request_number;
    this.requested_at_ms = now_ms;
    const { days, step } = SPANS[span.value];
    const to_ms = Math.ceil(now_ms / 60_000) * 60_000;
    const from_ms = to_ms - days * 86_400_000;
    const request = (/** @type {string} */ key) => archivedTag(key, from_ms, to_ms, step).catch(catchApiError);
    const responses = await Promise.all(keys.map(request));
    if (request_number !== this.request_number) return;
    // A muted hashtag is not found either, where there is an archive.
    const found_none = responses.every((response) => response instanceof ApiError && response.not_found);
    this.is_missing = keys.length > 0 && found_none && this.archived_hours === null;
    this.curves = new Map(
      responses.flatMap((response, index) => (response instanceof ApiError ? [] : [[keys[index], response]])),
    );
    this.#render();
  }

  #render() {
    const curves = this.keys.flatMap((key) => {
      const curve = this.curves.get(key);
      return curve ? [{ ...this.styleOf(key), points: archivePoints(curve) }] : [];
    });
    byId("archive-box").hidden = curves.every(({ points }) => points.length === 0);
    const [only] = this.keys.length === 1 ? this.curves.values() : [];
    setText(byId("archive-summary"), only ? archiveSummary(only, this.requested_at_ms) : "");
    if (!byId("archive-box").hidden) this.chart.show(curves, this.curves.values().next().value?.step_ms ?? 0);
  }
}
