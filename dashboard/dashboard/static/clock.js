/** The time by which ages are told: the server's, where this browser's clock is off. */

import { serverTime } from "./kept.js";

/** As far apart two clocks may be: the answer was on its way for a while. */
const SKEW_IGNORED_MS = 2_000;

export class Clock {
  constructor() {
    this.skew_ms = 0;
  }

  /** Now. */
  get now_ms() {
    return Date.now() + this.skew_ms;
  }

  /** Learn how far this browser's clock is off. Throws KeptError. */
  async read() {
    const asked_ms = Date.now();
    const { now_ms } = await serverTime();
    const off_ms = now_ms - (asked_ms + Date.now()) / 2;
    this.skew_ms = Math.abs(off_ms) > SKEW_IGNORED_MS ? off_ms : 0;
  }
}
