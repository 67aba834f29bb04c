/** Work that may wait for a frame or two, so that what glides does not halt for it. */

import { mayMove } from "./theme.js";

/** Each frame has 16 ms; on a slow machine the layout of two rows is some six of them. */
const JOBS_A_FRAME = 2;

export class Later {
  constructor() {
    /** @type {Map<unknown, () => void>} */
    this.jobs = new Map();
    this.frame = 0;
  }

  /**
   * Do `job` in one of the next frames: in place of an earlier one of that name, in its turn. Where nothing moves, now.
   *
   * @param {unknown} name @param {() => void} job
   */
  add(name, job) {
    this.jobs.set(name, job);
    if (!mayMove()) this.flush();
    // The next frame starts what glides, and has enough to do.
    else if (this.frame === 0) this.frame = requestAnimationFrame(() => this.#next());
  }

  /** What was to be done under this name no longer is. @param {unknown} name */
  drop(name) {
    this.jobs.delete(name);
  }

  /** Do all of it now. */
  flush() {
    this.#run(this.jobs.size);
  }

  #next() {
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.#run(JOBS_A_FRAME);
      if (this.jobs.size) this.#next();
    });
  }

  /** @param {number} most */
  #run(most) {
    for (const [name, job] of [...this.jobs].slice(0, most)) {
      this.jobs.delete(name);
      job();
    }
  }
}
