/** The bar of time: pause, a slider over what is kept, and the way back to live. */

import { byId, put, write, writeQuoting } from "../ui/dom.js";
import { count, exactMoment } from "../i18n/format.js";
import { KeptError, timeline } from "../net/api.js";
import { Sparkline } from "../ui/sparkline.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/types.js").Timeline} Timeline */
/** @typedef {import("../model/playback.js").Playback} Playback */

const POINTS = 240;

export class Timebar {
  /** @param {{pause: () => void, live: () => void, goTo: (at_ms: number) => void, kept: (kept: Timeline) => void}} on */
  constructor(on) {
    /** @type {Playback["mode"]} */
    this.mode = "live";
    this.on = on;
    this.slider = /** @type {HTMLInputElement} */ (byId("slider"));
    this.pause = /** @type {HTMLButtonElement} */ (byId("pause"));
    /** Why the past can't be shown. @type {string | null} */
    this.trouble = null;
    this.quoted = false;
    this.newest_ms = 0;
    this.curve = new Sparkline("timeline");
    byId("track").prepend(this.curve.element);
    this.pause.addEventListener("click", () => (this.mode === "live" ? on.pause() : on.live()));
    this.slider.addEventListener("input", () => {
      const at_ms = Number(this.slider.value);
      if (at_ms >= Number(this.slider.max)) on.live();
      else on.goTo(at_ms);
    });
  }

  /** Ask anew what is kept. */
  async refresh() {
    try {
      const kept = await timeline(POINTS);
      this.#draw(kept);
      this.on.kept(kept);
    } catch (error) {
      if (!(error instanceof KeptError)) throw error;
      // What stands there stays; the strip tells that the dashboard is away.
    }
  }

  /** @param {Playback} playback @param {number} now_ms @param {string} why another view is shown */
  show({ mode, waiting, shown, newest }, now_ms, why) {
    const live = mode === "live";
    document.body.dataset.mode = this.mode = mode;
    this.pause.disabled = newest === null;
    write(this.pause, live ? words.page.pause : words.page.back_to_live);
    const told = live ? (this.trouble ?? "") : words.time[mode](count(waiting), waiting);
    const said = [told, why].filter(Boolean).join(" · ");
    writeQuoting(byId("mode"), said, this.quoted ? [said] : []);
    if (newest) this.#reach(newest);
    if (shown) this.#point(live ? Number(this.slider.max) : shown.to_ms, now_ms);
  }

  /** Say why the past can't be shown; null when it can. @param {string | null} sentence @param {boolean} [quoted] */
  say(sentence, quoted = false) {
    this.trouble = sentence;
    this.quoted = quoted;
  }

  /** @param {Timeline} kept */
  #draw({ from_ms, posts }) {
    this.slider.disabled = from_ms === null;
    if ((this.trouble === words.time.nothing_kept) !== this.slider.disabled) {
      this.say(this.slider.disabled ? words.time.nothing_kept : null);
    }
    if (from_ms === null) return;
    this.slider.min = String(from_ms);
    // The newest step is not over yet.
    this.curve.show(posts.slice(0, -1));
  }

  /**
   * The slider goes up to now, in steps of a pane: its last place is the open one, and live.
   *
   * @param {import("../model/types.js").Event} newest
   */
  #reach({ to_ms, pane_seconds }) {
    const pane_ms = pane_seconds * 1000;
    const max_ms = Math.ceil(to_ms / pane_ms) * pane_ms;
    put(this.slider, "step", String(pane_ms));
    if (max_ms > Number(this.slider.max)) this.slider.max = String(max_ms);
    this.newest_ms = to_ms;
  }

  /** @param {number} at_ms @param {number} now_ms */
  #point(at_ms, now_ms) {
    const held = this.slider.matches(":active");
    if (!held) this.slider.value = String(at_ms);
    put(this.slider, "aria-valuetext", exactMoment(Math.min(at_ms, this.newest_ms), now_ms));
    if (this.slider.disabled) return;
    write(byId("slider-from"), exactMoment(Number(this.slider.min), now_ms));
    write(byId("slider-to"), exactMoment(this.newest_ms, now_ms));
  }
}
