/** What stands beside the board: one tag, or those that are pinned, with their curves. */

import { panelHash } from "./address.js";
import { curvesOf } from "./curves.js";
import { byId, make, put, write, writeQuoting, writeTag } from "./dom.js";
import { count, moment, share } from "./format.js";
import { KeptError, tagFacts } from "./kept.js";
import { Lines } from "./lines.js";
import { isFull, pinned } from "./pins.js";
import { words } from "./words.js";

/** @typedef {import("./types.js").TagFacts} TagFacts */
/** @typedef {import("./types.js").Panel} PanelName */
/** @typedef {import("./types.js").Pins} Pins */

/** Where the panel is as wide as the page. */
const COVERS = matchMedia("(max-width: 32rem)");

/** How a pinned tag's curve is drawn, by its place: colour alone is not for everybody. */
const DASHES = ["solid", "dash", "dot", "dashdot", "longdash"];

export class TagPanel {
  /** @param {any} figures see dashboard/figure.py @param {{pin: (key: string) => void, close: () => void}} on */
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
    /** Has the page begun? What it opens by itself does not take the focus. */
    this.begun = false;
    /** What is drawn. @type {import("./curves.js").Curves | null} */
    this.curves = null;
    this.on = on;
    COVERS.addEventListener("change", () => cover(!this.element.hidden));
    byId("panel-close").addEventListener("click", on.close);
    byId("panel-pin").addEventListener("click", () => on.pin(this.keys[0]));
    addEventListener("keydown", ({ key }) => {
      if (key === "Escape" && !this.element.hidden) on.close();
    });
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
    if (opened) this.#clear();
    if (opened && begun) byId("panel-title").focus();
    await this.refresh(now_ms);
  }

  /** Ask anew. @param {number} now_ms */
  async refresh(now_ms) {
    if (this.element.hidden) return;
    const asked = ++this.asked;
    this.asked_at_ms = now_ms;
    const answers = await Promise.all(this.keys.map((key) => tagFacts(key).catch(refusal)));
    if (asked !== this.asked) return;
    // By the key that was asked for: somebody may have written another form of it into the address.
    const known = answers.flatMap((answer, at) => (answer instanceof KeptError ? [] : [{ ...answer, key: this.keys[at] }]));
    const refused = answers.find((answer) => answer instanceof KeptError);
    const said = refused?.message ?? (this.keys.length ? "" : words.page.pin_hint);
    writeQuoting(byId("panel-say"), said, refused?.quoted ? [said] : []);
    byId("panel-body").hidden = known.length === 0;
    if (this.panel?.name === "tag") this.#facts(known[0], now_ms);
    else this.#chips(known);
    await this.#curves(known);
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

  #clear() {
    this.curves = null;
    byId("panel-body").hidden = true;
    byId("panel-chips").replaceChildren();
    write(byId("panel-say"), words.panel.loading);
  }

  /** @param {TagFacts | undefined} tag @param {number} now_ms */
  #facts(tag, now_ms) {
    byId("panel-chips").replaceChildren();
    if (!tag) return;
    const { window, total, first_seen_ms, links } = tag;
    writeTag(byId("panel-title"), tag.label);
    write(byId("tag-posts"), window ? count(window.posts) : words.panel.not_leading);
    write(byId("tag-rank"), window ? count(window.rank) : "–");
    write(byId("tag-share"), window ? share(window.share) : "–");
    write(byId("tag-total"), total ? count(total.posts) : words.panel.not_leading);
    write(byId("tag-first"), first_seen_ms === null ? words.panel.not_known : moment(first_seen_ms, now_ms));
    byId("tag-links").replaceChildren(...links.map(platformLink));
  }

  /** @param {TagFacts[]} tags */
  #chips(tags) {
    const chips = tags.map(({ key, label, window }) => {
      const name = make("a", "chip-name");
      writeTag(name, label);
      name.href = panelHash({ name: "tag", key });
      const remove = make("button", "chip-remove", "×");
      remove.type = "button";
      remove.ariaLabel = `${words.panel.unpin} #${label}`;
      remove.addEventListener("click", () => this.on.pin(key));
      const chip = make("li", "chip", make("span", "chip-line"), name, make("span", "chip-posts", window ? count(window.posts) : "–"), remove);
      chip.dataset.dash = DASHES[this.pins.indexOf(key)];
      chip.dataset.key = key;
      chip.style.setProperty("--pin", this.colours?.get(key) ?? "");
      return chip;
    });
    const list = byId("panel-chips");
    const focused = /** @type {HTMLElement | null} */ (list.querySelector(":focus"));
    const key = /** @type {HTMLElement | null | undefined} */ (focused?.closest(".chip"))?.dataset.key;
    list.replaceChildren(...chips);
    if (!focused) return;
    // Who stood on a chip stands on it still, or where it is gone, on the title.
    const chip = chips.find(({ dataset }) => dataset.key === key);
    const same = /** @type {HTMLElement | null | undefined} */ (chip?.querySelector(`.${focused.className}`));
    (same ?? byId("panel-title")).focus();
  }

  /** @param {TagFacts[]} tags */
  async #curves(tags) {
    const alone = this.panel?.name === "tag";
    const look = (/** @type {string} */ key) => ({
      colour: this.colours?.get(key) ?? "",
      dash: alone ? "solid" : DASHES[this.pins.indexOf(key)],
    });
    this.curves = curvesOf(tags, look);
    await this.window.show(this.curves.window, Number.POSITIVE_INFINITY);
    await this.history.show(this.curves.history, Math.max(0, ...tags.map(({ history_step_ms }) => history_step_ms)));
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

/** @param {{source: string, url: string}} link */
function platformLink({ source, url }) {
  const link = make("a", "", words.panel.link(source));
  link.href = url;
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  return make("li", "", link);
}
