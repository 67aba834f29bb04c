/** Spreads DOM updates over animation frames, so that animations stay smooth. */

import { canAnimate } from "./theme.js";

/** A frame lasts 16 ms; on a slow machine the layout of two rows takes about 6 ms. */
const JOBS_PER_FRAME = 2;

export class FrameQueue {
  constructor() {
    /** @type {Map<unknown, () => void>} */
    this.jobs = new Map();
    this.frame = 0;
  }

  /**
   * Run `job` in one of the next frames, in the order of the calls. It replaces a waiting job of the same key and keeps
   * the place of that job. Without animations it runs now.
   *
   * @param {unknown} key @param {() => void} job
   */
  add(key, job) {
    this.jobs.set(key, job);
    if (!canAnimate()) this.flush();
    // The next frame starts the animations, which is work enough for one frame.
    else if (this.frame === 0) this.frame = requestAnimationFrame(() => this.#next());
  }

  /** Remove the job of a key, if one waits. @param {unknown} key */
  remove(key) {
    this.jobs.delete(key);
  }

  /** Run all jobs now. */
  flush() {
    this.#run(this.jobs.size);
  }

  #next() {
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.#run(JOBS_PER_FRAME);
      if (this.jobs.size) this.#next();
    });
  }

  /** @param {number} max_jobs */
  #run(max_jobs) {
    for (const [key, job] of [...this.jobs].slice(0, max_jobs)) {
      this.jobs.delete(key);
      job();
    }
  }
}
