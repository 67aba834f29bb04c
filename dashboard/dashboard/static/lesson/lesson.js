/**
 * The lesson (`?lesson`): the newest micro-batch as it flows through the services, stage by stage. A micro-batch stays
 * until its last stage is over; then the newest one begins.
 */

import { STAGES, newerPosts } from "../model/lesson.js";
import { LessonPlayer } from "../model/lesson_player.js";
import { ApiError, catchApiError, lesson } from "../net/api.js";
import { clockTime, count, posts } from "../i18n/format.js";
import { byId, setText, setTextWithQuotes } from "../ui/dom.js";
import { setTitle } from "../ui/page_title.js";
import { canAnimate } from "../ui/theme.js";
import { LessonFaults } from "./faults.js";
import { StageControls } from "./stage_controls.js";
import { StageMap } from "./stage_map.js";
import { StageView } from "./stage_view.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/types.js").Trace} Trace */
/** @typedef {import("../model/page_types.js").Snapshot} Snapshot */
/** @typedef {import("../model/types.js").Lesson} LessonAnswer */

const REQUEST_EVERY_MS = 2_000;
/** Until there is something to show, or while the viewer waits for the newest micro-batch. */
const REQUEST_SOON_MS = 500;
/** After this time the lesson begins again with what there is. */
const NEWEST_WITHIN_MS = 5_000;
const TICK_MS = 100;
const texts = words.lesson;

export class Lesson {
  /** @param {() => Snapshot | null} newest the newest snapshot of the page @param {string} back where the link back leads */
  constructor(newest, back) {
    this.newest = newest;
    /** The shown micro-batch. @type {Trace | null} */
    this.trace = null;
    /** The newest one. @type {Trace | null} */
    this.latest = null;
    /** The posts that the next shown micro-batch must have counted, and until when that is waited for. */
    this.wanted = { offset: 0, until_ms: Infinity };
    this.requested_ms = -Infinity;
    this.request_pending = false;
    // A page that changes by itself is motion too.
    this.player = new LessonPlayer(STAGES.length, !canAnimate());
    this.map = new StageMap((stage) => this.#stepTo(stage));
    this.view = new StageView(() => this.#pause(true));
    this.faults = new LessonFaults();
    this.controls = new StageControls((action) => this.#on(action));
    this.#showTexts(back);
    this.map.show(0, null);
    this.controls.show(this.player);
    this.#showMessage(texts.loading);
    setInterval(() => this.#tick(), TICK_MS);
    this.#tick();
  }

  /** @param {string} back */
  #showTexts(back) {
    byId("lesson").hidden = false;
    setTitle(`${texts.title} · ${words.page.title}`, true);
    setText(byId("lesson-title"), texts.title);
    setText(byId("lesson-back"), texts.back);
    /** @type {HTMLAnchorElement} */ (byId("lesson-back")).href = back;
  }

  /** Is the viewer waiting for another micro-batch than the shown one? */
  get #is_waiting() {
    return this.trace === null || this.wanted.until_ms < Infinity;
  }

  #tick() {
    const now_ms = performance.now();
    if (document.hidden) return;
    if (this.#needs_answer && now_ms - this.requested_ms >= (this.#is_waiting ? REQUEST_SOON_MS : REQUEST_EVERY_MS)) {
      void this.#request(now_ms);
    }
    if (this.trace === null) return;
    this.controls.showNewer(newerPosts(this.trace, this.newest()));
    if (now_ms > this.wanted.until_ms) this.#begin(this.latest ?? this.trace);
    if (!this.#is_waiting) this.#play();
  }

  /** While it is paused and no fault runs, nobody needs the next micro-batch, and the job need not note it. */
  get #needs_answer() {
    return !this.request_pending && (this.#is_waiting || !this.player.paused || this.faults.is_running);
  }

  #play() {
    const what = this.player.tick(TICK_MS);
    if (what === "stage") this.#showStage();
    if (what === "end") this.#beginAgain();
    this.controls.showPart(this.player);
    if (!this.player.paused) this.view.scroll(this.player.part);
  }

  /** @param {number} now_ms */
  async #request(now_ms) {
    this.requested_ms = now_ms;
    this.request_pending = true;
    const answer = await lesson().catch(catchApiError);
    this.request_pending = false;
    if (answer instanceof ApiError) this.#onError(answer.message, answer.from_server);
    else this.#onAnswer(answer);
  }

  /** @param {LessonAnswer} answer with a trace, an error may say what of it can't be shown */
  #onAnswer({ trace, error, faults }) {
    this.faults.show(faults);
    if (trace !== null) this.#onTrace(trace, error ?? "");
    else if (error !== null) this.#onError(error, true);
    else if (this.trace === null) this.#showMessage(texts.none_yet);
  }

  /** @param {Trace} trace @param {string} note empty for none */
  #onTrace(trace, note) {
    this.latest = trace;
    const is_new = this.trace === null || trace.epoch !== this.trace.epoch || trace.end_offset >= this.wanted.offset;
    if (this.#is_waiting && is_new) this.#begin(trace);
    this.#showMessage(this.#is_waiting ? texts.loading : note, note);
  }

  /** @param {string} message @param {boolean} from_server */
  #onError(message, from_server) {
    const is_shown = this.trace !== null;
    this.#showMessage(is_shown ? texts.no_newer(message) : message, from_server ? message : "");
  }

  /** Show a micro-batch from its first stage. @param {Trace} trace */
  #begin(trace) {
    this.trace = trace;
    this.wanted = { offset: 0, until_ms: Infinity };
    this.player.goTo(0);
    this.#showStage();
  }

  /** The newest micro-batch is wanted: one that has counted all posts that the page knows of. */
  #beginAgain() {
    if (this.#is_waiting) return;
    this.wanted = { offset: this.newest()?.health.offset ?? 0, until_ms: performance.now() + NEWEST_WITHIN_MS };
    this.requested_ms = -Infinity;
  }

  /** @param {import("./stage_controls.js").Action} action */
  #on(action) {
    const { player } = this;
    if (action === "pause") this.#pause(!player.paused);
    else if (action === "why") this.view.toggleWhy();
    else if (action === "slower" || action === "faster") player.changeSpeed(action === "faster" ? 1 : -1);
    else if (action === "next" && player.is_last) this.#beginAgain();
    else this.#stepTo(player.stage + (action === "next" ? 1 : -1));
    this.controls.show(player);
  }

  /** @param {boolean} paused */
  #pause(paused) {
    this.player.paused = paused;
    this.controls.show(this.player);
  }

  /** @param {number} stage */
  #stepTo(stage) {
    if (this.trace === null || stage < 0 || stage >= STAGES.length) return;
    this.wanted.until_ms = Infinity;
    this.player.stepTo(stage);
    this.#showStage();
  }

  #showStage() {
    const { trace, player } = this;
    if (trace === null) return;
    const offsets = texts.offsets(count(trace.first_offset), count(Math.max(trace.first_offset, trace.end_offset - 1)));
    const parts = [posts(trace.posts), ...(trace.posts ? [offsets] : []), clockTime(trace.window.to_ms)];
    setText(byId("lesson-batch"), `${texts.batch(count(trace.batch_id))}: ${parts.join(" · ")}`);
    this.map.show(player.stage, trace);
    byId("lesson-stage").hidden = false;
    setText(byId("summary"), this.view.show(player.stage, trace));
    this.controls.show(player);
  }

  /** @param {string} text empty for none @param {string} [quote] the part of it that is the server's */
  #showMessage(text, quote = "") {
    const element = byId("lesson-message");
    setTextWithQuotes(element, text, quote ? [quote] : []);
    element.hidden = text === "";
  }
}
