/** The panel beside the board: one tag, or the pinned tags, with their curves. */

import { ArchiveCurve } from "./archive_curve.js";
import { setPageInert, watchCover } from "./page_cover.js";
import { PinChips } from "./pin_chips.js";
import { curvesOf } from "../model/curves.js";
import { byId, setAttribute, setTagText, setText, setTextWithQuotes } from "../ui/dom.js";
import { setMoment } from "../ui/numbers.js";
import { onEscape } from "../ui/escape_key.js";
import { ApiError, catchApiError, tagFacts } from "../net/api.js";
import { LineChart } from "./line_chart.js";
import { isFull, pinnedKeys } from "../model/pins.js";
import { showTagFacts } from "./tag_facts.js";
import { TagPosts } from "./tag_posts.js";
import { mergeTagFacts, risingCurve, standing } from "./tag_numbers.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/page_types.js").TagFacts} TagFacts */
/** @typedef {import("../model/page_types.js").Panel} PanelName */
/** @typedef {import("../model/page_types.js").Pins} Pins */
/** @typedef {import("../model/page_types.js").AnySnapshot} AnySnapshot */
/** @typedef {import("./tag_numbers.js").TagResponse} TagResponse */

const REQUEST_EVERY_MS = 10_000;
/** Dash patterns of the pinned tags' curves, by place: not every viewer can tell the colours apart. */
const DASHES = ["solid", "dash", "dot", "dashdot", "longdash"];

export class TagPanel {
  /**
   * @param {any} figures see dashboard/page/figures.py
   * @param {{onPin: (key: string) => void, onClose: () => void, onEscape: () => boolean}} handlers
   * `onEscape`: the Escape key while no panel is open; returns whether it did something
   */
  constructor(figures, handlers) {
    this.element = byId("panel");
    this.window = new LineChart(byId("window-curve"), figures);
    this.history = new LineChart(byId("history-curve"), figures);
    this.archive = new ArchiveCurve(figures);
    /** @type {string[]} */
    this.keys = [];
    /** @type {Pins} */
    this.pins = [];
    /** Number of the last request: the response to an older request is ignored. */
    this.request_number = 0;
    this.requested_at_ms = 0;
    /** By key. @type {Map<string, TagResponse | ApiError>} */
    this.responses = new Map();
    /** The snapshot that the board displays. @type {AnySnapshot | null} */
    this.snapshot = null;
    this.chips = new PinChips(byId("panel-chips"), handlers.onPin, () => byId("panel-title").focus());
    /** A panel that is open when the page starts does not take the focus. */
    this.page_started = false;
    /** What the charts display. @type {import("../model/curves.js").Curves | null} */
    this.curves = null;
    this.handlers = handlers;
    this.posts = new TagPosts();
    watchCover(() => !this.element.hidden);
    byId("panel-close").addEventListener("click", handlers.onClose);
    byId("panel-pin").addEventListener("click", () => handlers.onPin(this.keys[0]));
    onEscape([() => this.#closeByKey(), handlers.onEscape]);
  }

  /**
   * @param {PanelName} panel @param {Pins} pins @param {Map<string, string>} colours of the pinned tags, by key
   * @param {number} now_ms
   */
  async show(panel, pins, colours, now_ms) {
    this.element.hidden = panel === null;
    setPageInert(panel !== null);
    document.body.classList.toggle("panel-open", panel !== null);
    this.panel = panel;
    this.posts.show(panel?.name === "tag" ? panel.key : null, now_ms);
    this.pins = pins;
    this.colours = colours;
    const { page_started } = this;
    this.page_started = true;
    if (panel === null) {
      this.keys = [];
      return;
    }
    const keys = panel.name === "tag" ? [panel.key] : pinnedKeys(pins);
    const opened = keys.join("\n") !== this.keys.join("\n") || this.element.dataset.shows !== panel.name;
    this.keys = keys;
    this.element.dataset.shows = panel.name;
    this.#showTitle();
    if (opened) this.responses.clear();
    if (opened && page_started) byId("panel-title").focus();
    this.#render(now_ms);
    await this.refresh(now_ms);
  }

  /** Display the numbers of the board. @param {AnySnapshot} snapshot of the board @param {number} now_ms */
  update(snapshot, now_ms) {
    this.snapshot = snapshot;
    setMoment(this.element, snapshot);
    if (!this.element.hidden) this.#render(now_ms);
  }

  /** Request again what is displayed, if it is time. Call it about once a second. @param {number} now_ms */
  tick(now_ms) {
    if (document.hidden) return;
    void this.posts.tick(now_ms);
    if (now_ms - this.requested_at_ms > REQUEST_EVERY_MS) void this.refresh(now_ms);
  }

  /** Request from the dashboard what the board does not display. @param {number} now_ms */
  async refresh(now_ms) {
    if (this.element.hidden) return;
    const request_number = ++this.request_number;
    this.requested_at_ms = now_ms;
    const responses = await Promise.all(
      this.keys.map((key) => tagFacts(key).then((facts) => ({ facts, at_ms: now_ms }), catchApiError)),
    );
    if (request_number !== this.request_number) return;
    this.responses = new Map(this.keys.map((key, index) => [key, responses[index]]));
    this.#render(now_ms);
  }

  #closeByKey() {
    if (this.element.hidden) return false;
    this.handlers.onClose();
    return true;
  }

  /** @param {string} key @returns {TagResponse | undefined} */
  #response(key) {
    const response = this.responses.get(key);
    return response instanceof ApiError ? undefined : response;
  }

  /** @param {number} now_ms */
  #render(now_ms) {
    const tags = this.keys.flatMap((key) => mergeTagFacts(key, this.snapshot, this.#response(key)) ?? []);
    this.#showStatus(tags);
    byId("panel-body").hidden = tags.length === 0;
    if (this.panel?.name === "tag") {
      this.chips.show([]);
      if (tags.length) showTagFacts(tags[0], this.snapshot, this.#response(tags[0].key), now_ms);
    } else this.#showChips(tags);
    this.#showCurves(tags, now_ms);
  }

  /** @param {TagFacts[]} tags */
  #showStatus(tags) {
    const displayed = new Set(tags.map(({ key }) => key));
    const missing = this.keys.filter((key) => !displayed.has(key));
    // A tag that is on the board leads, even if the dashboard did not know it when it was requested.
    const errors = [...this.responses].flatMap(([key, response]) =>
      response instanceof ApiError && !(response.not_found && displayed.has(key)) ? [response] : [],
    );
    const error = errors.at(0);
    const loading = missing.some((key) => !this.responses.has(key)) ? words.panel.loading : "";
    const text = error?.message ?? (this.keys.length ? loading : words.page.pin_hint);
    setTextWithQuotes(byId("panel-status"), text, error?.from_server ? [text] : []);
  }

  #showTitle() {
    const key = this.panel?.name === "tag" ? this.panel.key : null;
    if (key === null) setText(byId("panel-title"), words.page.compare);
    else if (this.element.dataset.key !== key) setTagText(byId("panel-title"), key);
    this.element.dataset.key = key ?? "";
    const is_pinned = key !== null && this.pins.includes(key);
    const button = /** @type {HTMLButtonElement} */ (byId("panel-pin"));
    button.hidden = key === null;
    setText(button, is_pinned ? words.panel.unpin : words.panel.pin);
    setAttribute(button, "disabled", !is_pinned && isFull(this.pins) ? "" : null);
  }

  /** @param {TagFacts[]} tags */
  #showChips(tags) {
    this.chips.show(
      tags.map(({ key, label }) => ({
        ...{ key, label, posts: standing(key, this.snapshot, this.#response(key)) },
        ...{ colour: this.colours?.get(key) ?? "", dash: DASHES[this.pins.indexOf(key)] },
      })),
    );
  }

  /** @param {TagFacts[]} tags @param {number} now_ms */
  #showCurves(tags, now_ms) {
    const is_single = this.panel?.name === "tag";
    const styleOf = (/** @type {string} */ key) => ({
      colour: this.colours?.get(key) ?? "",
      dash: is_single ? "solid" : DASHES[this.pins.indexOf(key)],
    });
    this.curves = curvesOf(tags, styleOf);
    const step_ms = Math.max(0, ...tags.map(({ history_step_ms }) => history_step_ms));
    const [key] = this.keys;
    const rising_curve = is_single ? risingCurve(key, this.snapshot, this.#response(key)) : null;
    const curves = rising_curve ? [{ ...styleOf(key), ...rising_curve }] : this.curves.window;
    setText(byId("window-curve-title"), rising_curve ? words.rising.curve(rising_curve.pane) : words.page.window_curve);
    // The panes of a snapshot have no gaps.
    this.window.show(curves, rising_curve || tags.every(({ window }) => window?.panes) ? Infinity : step_ms);
    // A rising tag may be too small to be in the history.
    byId("history-box").hidden = tags.length > 0 && tags.every(({ history }) => history.length === 0);
    this.history.show(this.curves.history, step_ms);
    this.archive.show(tags.map((tag) => tag.key), styleOf, now_ms, this.snapshot?.health?.archived_hours);
  }
}
