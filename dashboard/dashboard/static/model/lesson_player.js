/** Which stage of the lesson is shown, and how fast the stages follow each other. Pure. */

/** At speed 1, a stage is shown for this time: enough to read its sentence aloud and to look at the drawing. */
export const STAGE_MS = 12_000;
/** At speed 4 a stage has 3 s, at 0.25 it has 48 s. */
export const SPEEDS = [0.25, 0.5, 1, 2, 4];

export class LessonPlayer {
  /** @param {number} stages how many @param {boolean} paused is it paused at the beginning? */
  constructor(stages, paused) {
    this.stages = stages;
    this.paused = paused;
    this.stage = 0;
    this.elapsed_ms = 0;
    this.speed_place = SPEEDS.indexOf(1);
  }

  get speed() {
    return SPEEDS[this.speed_place];
  }

  get is_first() {
    return this.stage === 0;
  }

  get is_last() {
    return this.stage === this.stages - 1;
  }

  /** How much of the stage's time is over, from 0 to 1. */
  get part() {
    return Math.min(1, (this.elapsed_ms * this.speed) / STAGE_MS);
  }

  /**
   * Time passes, unless it is paused.
   *
   * @param {number} ms @returns {"stage" | "end" | null} another stage is shown, the last one is over, or neither
   */
  tick(ms) {
    if (this.paused) return null;
    this.elapsed_ms += ms;
    if (this.part < 1) return null;
    if (this.is_last) return "end";
    this.goTo(this.stage + 1);
    return "stage";
  }

  /** Show a stage from its beginning. @param {number} stage */
  goTo(stage) {
    this.stage = Math.min(this.stages - 1, Math.max(0, stage));
    this.elapsed_ms = 0;
  }

  /** The viewer chooses a stage: it stays. @param {number} stage */
  stepTo(stage) {
    this.paused = true;
    this.goTo(stage);
  }

  /** @returns {boolean} is there a slower speed? */
  get can_slow_down() {
    return this.speed_place > 0;
  }

  get can_speed_up() {
    return this.speed_place < SPEEDS.length - 1;
  }

  /** @param {1 | -1} by one speed faster or slower; what is over of the stage stays the same part */
  changeSpeed(by) {
    const { part } = this;
    this.speed_place = Math.min(SPEEDS.length - 1, Math.max(0, this.speed_place + by));
    this.elapsed_ms = (part * STAGE_MS) / this.speed;
  }
}
