/** The timebar: the button "Pause" or "Back to live", and a slider over the history. */

import { byId, setAttribute, setText, setTextWithQuotes } from "../ui/dom.js";
import { ArchiveSpan } from "./archive_span.js";
import { count, exactMoment, moment, range } from "../i18n/format.js";
import { ApiError, timeline } from "../net/api.js";
import { Sparkline } from "../ui/sparkline.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/types.js").Timeline} Timeline */
/** @typedef {import("../model/playback.js").Playback} Playback */
/** @typedef {import("../model/page_types.js").Step} Step */

const MAX_POINTS = 240;

export class Timebar {
  /**
   * @param {{onPause: () => void, onLive: () => void, onGoTo: (at_ms: number) => void, now: () => number,
   *   onStep: (step: Step | null) => void, onTimeline: (timeline: Timeline) => void}} handlers
   *   `onStep`: the slider shall move over the archive in these steps, or over the last 24 hours
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
    /** @type {Timeline | null} */
    this.timeline = null;
    this.span = new ArchiveSpan({ onStep: handlers.onStep, onLoaded: () => this.#draw() });
    this.curve = new Sparkline("timeline");
    byId("track").prepend(this.curve.element);
    this.pause.addEventListener("click", () => (this.mode === "live" ? handlers.onPause() : handlers.onLive()));
    this.slider.addEventListener("input", () => {
      const at_ms = Number(this.slider.value);
      if (at_ms >= Number(this.slider.max)) handlers.onLive();
      else handlers.onGoTo(at_ms);
    });
  }

  /** Move over the archive in these steps, or over the last 24 hours. @param {Step | null} step */
  setStep(step) {
    if (step === this.span.step) return;
    this.span.setStep(step, this.handlers.now());
    this.slider.max = "0";
    this.#draw();
  }

  /** Request the timeline, and draw it. */
  async refresh() {
    void this.span.refresh(this.handlers.now());
    try {
      this.timeline = await timeline(MAX_POINTS);
      this.#draw();
      this.handlers.onTimeline(this.timeline);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      // The last timeline stays; the strip says that the dashboard can't be reached.
    }
  }

  /**
   * @param {Playback} playback @param {number} now_ms @param {string} other_view why another view is displayed
   * @param {boolean} waits is the response for the slider's time still to come?
   */
  show({ mode, newer_count, displayed, newest }, now_ms, other_view, waits) {
    const live = mode === "live";
    document.body.dataset.mode = this.mode = mode;
    this.pause.disabled = newest === null;
    setText(this.pause, live ? words.page.pause : words.page.back_to_live);
    const mode_text = live ? (this.error ?? "") : words.time[mode](count(newer_count), newer_count);
    const text = [mode_text, other_view].filter(Boolean).join(" · ");
    setTextWithQuotes(byId("mode"), text, this.error_from_server ? [text] : []);
    if (newest) this.#extend(newest);
    // The slider stays where the viewer has put it. The next key moves it from there.
    if (displayed) this.#setValue(displayed, live, now_ms, waits || this.slider.matches(":active"));
  }

  /** Set why the history can't be displayed; null removes it. @param {string | null} error @param {boolean} [from_server] */
  showError(error, from_server = false) {
    this.error = error;
    this.error_from_server = from_server;
  }

  #draw() {
    const steps = this.span.steps(this.handlers.now());
    if (steps) this.#drawSteps(steps);
    else if (this.timeline) this.#drawTimeline(this.timeline);
  }

  /** @param {import("../model/archive.js").SliderSteps} steps */
  #drawSteps({ min_ms, max_ms, step_ms, posts }) {
    Object.assign(this.slider, { disabled: false, min: String(min_ms), max: String(max_ms), step: String(step_ms) });
    this.curve.show(posts);
  }

  /** @param {Timeline} timeline */
  #drawTimeline({ from_ms, posts }) {
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
  #extend({ to_ms, pane_seconds, health }) {
    this.newest_ms = to_ms;
    this.span.offer(health?.archived_hours ?? null);
    if (this.span.steps(this.handlers.now())) return;
    const pane_ms = pane_seconds * 1000;
    const max_ms = Math.ceil(to_ms / pane_ms) * pane_ms;
    setAttribute(this.slider, "step", String(pane_ms));
    if (max_ms > Number(this.slider.max)) this.slider.max = String(max_ms);
  }

  /**
   * @param {import("../model/page_types.js").AnySnapshot} displayed @param {boolean} live @param {number} now_ms
   * @param {boolean} is_moved has the viewer moved the slider away?
   */
  #setValue({ from_ms, to_ms, archived }, live, now_ms, is_moved) {
    const past_ms = archived ? from_ms : to_ms;
    if (!is_moved) this.slider.value = live ? this.slider.max : String(past_ms);
    const shown = live ? exactMoment(this.newest_ms, now_ms) : exactMoment(Math.min(to_ms, this.newest_ms), now_ms);
    setAttribute(this.slider, "aria-valuetext", archived ? range(from_ms, to_ms, now_ms, false) : shown);
    if (this.slider.disabled) return;
    const min_ms = Number(this.slider.min);
    setText(byId("slider-from"), this.span.step ? moment(min_ms, now_ms) : exactMoment(min_ms, now_ms));
    setText(byId("slider-to"), exactMoment(this.newest_ms, now_ms));
  }
}
