/** Finds out whether the dashboard refuses the job's pushes, while no snapshot comes. */

/** @typedef {import("../model/types.js").Refusal} Refusal */

const REQUEST_EVERY_MS = 5_000;
const REQUEST_TIMEOUT_MS = 3_000;

export class RefusedPush {
  constructor() {
    /** The last push that the dashboard refused. @type {Refusal | null} */
    this.refused = null;
    this.requested_ms = -Infinity;
  }

  /**
   * Request `/healthz` if a snapshot is missing, at most every `REQUEST_EVERY_MS`.
   *
   * @param {boolean} missing is a snapshot missing? @param {number} now_ms monotonic
   */
  async check(missing, now_ms) {
    if (!missing) this.refused = null;
    if (!missing || now_ms - this.requested_ms < REQUEST_EVERY_MS) return;
    this.requested_ms = now_ms;
    try {
      // Not /readyz: while a snapshot is missing it responds with 503, which the browser's console shows as an error.
      const response = await fetch("/healthz", { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
      this.refused = (await response.json()).refused ?? null;
    } catch {
      // The state of the connection says that the dashboard can't be reached.
      this.refused = null;
    }
  }
}
