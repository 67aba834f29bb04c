/** What stands beside the board: one tag, or those that are pinned, with their curves. */

import { Chips } from "./pin_chips.js";
import { curvesOf } from "../model/curves.js";
import { byId, put, write, writeQuoting, writeTag } from "../ui/dom.js";
import { onEscape } from "../ui/escape_key.js";
import { KeptError, tagFacts } from "../net/api.js";
import { Lines } from "./line_chart.js";
import { isFull, pinned } from "../model/pins.js";
import { showFacts } from "./tag_facts.js";
import { standing, tagKnown } from "./tag_numbers.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/page_types.js").TagFacts} TagFacts */
/** @typedef {import("../model/page_types.js").Panel} PanelName */
/** @typedef {import("../model/page_types.js").Pins} Pins */
/** @typedef {import("../model/types.js").Event} Numbers */
/** @typedef {import("./tag_numbers.js").Answer} Answer */

/** Where the panel is as wide as the page. */
const COVERS = matchMedia("(max-width: 32rem)");

/** How a pinned tag's curve is drawn, by its place: colour alone is not for everybody. */
const DASHES = ["solid", "dash", "dot", "dashdot", "longdash"];

export class TagPanel {
  /**
   * @param {any} figures see dashboard/page/figures.py
   * @param {{pin: (key: string) => void, close: () => void, escape: () => boolean}} on
   * `escape`: the Escape key while no panel is open
   */
  constructor(figures, on) {
    this.element = byId("panel");
    this.window = new Lines(byId("window-curve"), figures);
    this.history = new Lines(byId("history-curve"), figures);
    /** @type {string[]} */
    this.keys = [];
    /** @type {Pins} */
    this.pins = [];
    /** Grows with each question, so that a late answer to an old one is not shown. */
    this.asked = 0;
    this.asked_at_ms = 0;
    /** By key. @type {Map<string, Answer | KeptError>} */
    this.answers = new Map();
    /** What the board shows. @type {Numbers | null} */
    this.shown = null;
    this.chips = new Chips(byId("panel-chips"), on.pin, () => byId("panel-title").focus());
    /** Has the page begun? What it opens by itself does not take the focus. */
    this.begun = false;
    /** What is drawn. @type {import("../model/curves.js").Curves | null} */
    this.curves = null;
    this.on = on;
    COVERS.addEventListener("change", () => cover(!this.element.hidden));
    byId("panel-close").addEventListener("click", on.close);
    byId("panel-pin").addEventListener("click", () => on.pin(this.keys[0]));
    onEscape([() => this.#closeByKey(), on.escape]);
  }

  /**
   * @param {PanelName} panel @param {Pins} pins @param {Map<string, string>} colours of the pins
   * @param {number} now_ms
   */
  async show(panel, pins, colours, now_ms) {
    this.element.hidden = panel === null;
    cover(panel !== null);
    document.body.classList.toggle("with-panel", panel !== null);
    this.panel = panel;
    this.pins = pins;
    this.colours = colours;
    const { begun } = this;
    this.begun = true;
    if (panel === null) {
      this.keys = [];
      return;
    }
    const keys = panel.name === "tag" ? [panel.key] : pinned(pins);
    const opened = keys.join("\n") !== this.keys.join("\n") || this.element.dataset.shows !== panel.name;
    this.keys = keys;
    this.element.dataset.shows = panel.name;
    this.#title();
    if (opened) this.answers.clear();
    if (opened && begun) byId("panel-title").focus();
    this.#render(now_ms);
    await this.refresh(now_ms);
  }

  /** The board shows other numbers: the panel tells the same. @param {Numbers} shown @param {number} now_ms */
  update(shown, now_ms) {
    this.shown = shown;
    if (!this.element.hidden) this.#render(now_ms);
  }

  /** Ask the dashboard again for what the board does not tell. @param {number} now_ms */
  async refresh(now_ms) {
    if (this.element.hidden) return;
    const asked = ++this.asked;
    this.asked_at_ms = now_ms;
    const answers = await Promise.all(
      this.keys.map((key) => tagFacts(key).then((facts) => ({ facts, at_ms: now_ms }), refusal)),
    );
    if (asked !== this.asked) return;
    this.answers = new Map(this.keys.map((key, at) => [key, answers[at]]));
    this.#render(now_ms);
  }

  #closeByKey() {
    if (this.element.hidden) return false;
    this.on.close();
    return true;
  }

  /** @param {string} key @returns {Answer | undefined} */
  #answer(key) {
    const answer = this.answers.get(key);
    return answer instanceof KeptError ? undefined : answer;
  }

  /** @param {number} now_ms */
  #render(now_ms) {
    const tags = this.keys.flatMap((key) => tagKnown(key, this.shown, this.#answer(key)) ?? []);
    this.#say(tags);
    byId("panel-body").hidden = tags.length === 0;
    if (this.panel?.name === "tag") {
      this.chips.show([]);
      if (tags.length) showFacts(tags[0], this.shown, this.#answer(tags[0].key), now_ms);
    } else this.#chips(tags);
    this.#curves(tags);
  }

  /** @param {TagFacts[]} tags */
  #say(tags) {
    const shown = new Set(tags.map(({ key }) => key));
    const missing = this.keys.filter((key) => !shown.has(key));
    // A tag that is on the board has led, whatever the dashboard knew when it was asked.
    const errors = [...this.answers].flatMap(([key, answer]) =>
      answer instanceof KeptError && !(answer.never && shown.has(key)) ? [answer] : [],
    );
    const error = errors.at(0);
    const waiting = missing.some((key) => !this.answers.has(key)) ? words.panel.loading : "";
    const said = error?.message ?? (this.keys.length ? waiting : words.page.pin_hint);
    writeQuoting(byId("panel-say"), said, error?.quoted ? [said] : []);
  }

  #title() {
    const tag = this.panel?.name === "tag" ? this.panel.key : null;
    if (tag === null) write(byId("panel-title"), words.page.compare);
    else if (this.element.dataset.key !== tag) writeTag(byId("panel-title"), tag);
    this.element.dataset.key = tag ?? "";
    const is_pinned = tag !== null && this.pins.includes(tag);
    const button = /** @type {HTMLButtonElement} */ (byId("panel-pin"));
    button.hidden = tag === null;
    write(button, is_pinned ? words.panel.unpin : words.panel.pin);
    put(button, "disabled", !is_pinned && isFull(this.pins) ? "" : null);
  }

  /** @param {TagFacts[]} tags */
  #chips(tags) {
    this.chips.show(
      tags.map(({ key, label }) => ({
        ...{ key, label, posts: standing(key, this.shown, this.#answer(key)) },
        ...{ colour: this.colours?.get(key) ?? "", dash: DASHES[this.pins.indexOf(key)] },
      })),
    );
  }

  /** @param {TagFacts[]} tags */
  #curves(tags) {
    const alone = this.panel?.name === "tag";
    const look = (/** @type {string} */ key) => ({
      colour: this.colours?.get(key) ?? "",
      dash: alone ? "solid" : DASHES[this.pins.indexOf(key)],
    });
    this.curves = curvesOf(tags, look);
    const step_ms = Math.max(0, ...tags.map(({ history_step_ms }) => history_step_ms));
    // Panes of a snapshot have no gap.
    this.window.show(this.curves.window, tags.every(({ window }) => window?.panes) ? Infinity : step_ms);
    this.history.show(this.curves.history, step_ms);
  }
}

/** On a phone the panel lies over all the rest: no key may go there. @param {boolean} open */
function cover(open) {
  for (const part of document.querySelectorAll(".head > :not(h1), .board, .twin, .timebar, .strip")) {
    part.toggleAttribute("inert", open && COVERS.matches);
  }
}

/** @param {unknown} error @returns {KeptError} */
function refusal(error) {
  if (error instanceof KeptError) return error;
  throw error;
}
