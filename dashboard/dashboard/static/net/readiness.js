/** What the dashboard says of a job that it does not hear. */

/** @typedef {import("../model/types.js").Refusal} Refusal */

const ASKED_EVERY_MS = 5_000;
const ANSWER_WITHIN_MS = 3_000;

export class Ready {
  constructor() {
    /** The last push that was refused. @type {Refusal | null} */
    this.refused = null;
    this.asked_ms = -Infinity;
  }

  /** Ask, if that is long enough ago. @param {boolean} wanted is a snapshot missing? @param {number} now_ms monotonic */
  async check(wanted, now_ms) {
    if (!wanted) this.refused = null;
    if (!wanted || now_ms - this.asked_ms < ASKED_EVERY_MS) return;
    this.asked_ms = now_ms;
    try {
      // Not /readyz: while a snapshot is missing it answers 503, which the browser's console calls an error.
      const answer = await fetch("/healthz", { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
      this.refused = (await answer.json()).refused ?? null;
    } catch {
      // The connection tells that the dashboard is away.
      this.refused = null;
    }
  }
}
