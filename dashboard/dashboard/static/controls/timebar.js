/** The timebar: the button "Pause" or "Back to live", and a slider over the history. */

import { byId, setAttribute, setText, setTextWithQuotes } from "../ui/dom.js";
import { count, exactMoment } from "../i18n/format.js";
import { ApiError, timeline } from "../net/api.js";
import { Sparkline } from "../ui/sparkline.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/types.js").Timeline} Timeline */
/** @typedef {import("../model/playback.js").Playback} Playback */

const MAX_POINTS = 240;

export class Timebar {
  /**
   * @param {{onPause: () => void, onLive: () => void, onGoTo: (at_ms: number) => void,
   *   onTimeline: (timeline: Timeline) => void}} handlers
   */
  constructor(handlers) {
    /** @type {Playback["mode"]} */
    this.mode = "live";
    this.handlers = handlers;
    this.slider = /** @type {HTMLInputElement} */ (byId("slider"));
    this.pause = /** @type {HTMLButtonElement} */ (byId("pause"));
    /** Why the history can't be displayed. @type {string | null} */
    this.error = null;
    this.error_from_server = false;
    this.newest_ms = 0;
    this.curve = new Sparkline("timeline");
    byId("track").prepend(this.curve.element);
    this.pause.addEventListener("click", () => (this.mode === "live" ? handlers.onPause() : handlers.onLive()));
    this.slider.addEventListener("input", () => {
      const at_ms = Number(this.slider.value);
      if (at_ms >= Number(this.slider.max)) handlers.onLive();
      else handlers.onGoTo(at_ms);
    });
  }

  /** Request the timeline, and draw it. */
  async refresh() {
    try {
      const new_timeline = await timeline(MAX_POINTS);
      this.#draw(new_timeline);
      this.handlers.onTimeline(new_timeline);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      // The last timeline stays; the strip says that the dashboard can't be reached.
    }
  }

  /** @param {Playback} playback @param {number} now_ms @param {string} other_view why another view is displayed */
  show({ mode, newer_count, displayed, newest }, now_ms, other_view) {
    const live = mode === "live";
    document.body.dataset.mode = this.mode = mode;
    this.pause.disabled = newest === null;
    setText(this.pause, live ? words.page.pause : words.page.back_to_live);
    const mode_text = live ? (this.error ?? "") : words.time[mode](count(newer_count), newer_count);
    const text = [mode_text, other_view].filter(Boolean).join(" · ");
    setTextWithQuotes(byId("mode"), text, this.error_from_server ? [text] : []);
    if (newest) this.#extend(newest);
    if (displayed) this.#setValue(live ? Number(this.slider.max) : displayed.to_ms, now_ms);
  }

  /** Set why the history can't be displayed; null removes it. @param {string | null} error @param {boolean} [from_server] */
  showError(error, from_server = false) {
    this.error = error;
    this.error_from_server = from_server;
  }

  /** @param {Timeline} timeline */
  #draw({ from_ms, posts }) {
    this.slider.disabled = from_ms === null;
    if ((this.error === words.time.no_history_yet) !== this.slider.disabled) {
      this.showError(this.slider.disabled ? words.time.no_history_yet : null);
    }
    if (from_ms === null) return;
    this.slider.min = String(from_ms);
    // The last step is not complete yet.
    this.curve.show(posts.slice(0, -1));
  }

  /**
   * Extend the slider to now, in steps of one pane. Its last step is the open pane, which is the live page.
   *
   * @param {import("../model/page_types.js").AnySnapshot} newest
   */
  #extend({ to_ms, pane_seconds }) {
    const pane_ms = pane_seconds * 1000;
    const max_ms = Math.ceil(to_ms / pane_ms) * pane_ms;
    setAttribute(this.slider, "step", String(pane_ms));
    if (max_ms > Number(this.slider.max)) this.slider.max = String(max_ms);
    this.newest_ms = to_ms;
  }

  /** @param {number} at_ms @param {number} now_ms */
  #setValue(at_ms, now_ms) {
    const is_dragged = this.slider.matches(":active");
    if (!is_dragged) this.slider.value = String(at_ms);
    setAttribute(this.slider, "aria-valuetext", exactMoment(Math.min(at_ms, this.newest_ms), now_ms));
    if (this.slider.disabled) return;
    setText(byId("slider-from"), exactMoment(Number(this.slider.min), now_ms));
    setText(byId("slider-to"), exactMoment(this.newest_ms, now_ms));
  }
}
