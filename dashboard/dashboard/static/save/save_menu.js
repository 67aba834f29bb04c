/** The menu "Save": what is shown as a file, and as a link. */

import { formatAddress, sameView, DEFAULT_VIEW } from "../model/address.js";
import { csv } from "./csv.js";
import { byId, write } from "../ui/dom.js";
import { clockTime } from "../i18n/format.js";
import { KeptError, windowAt } from "../net/api.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/address.js").Address} Address */
/** @typedef {import("./csv.js").Cell} Cell */

/**
 * What can be saved. `name` and `at_ms`: for the file's name; `figure`: for Plotly, made only when it is asked for.
 * @typedef {{title: string, name: (ending: string) => string, document: object, table: Cell[][],
 *   figure: () => {data: any[], layout: any}}} Taken
 */

/** `board` and `panel`: what each shows now, null if nothing. `at_ms`: the moment shown, null before there is any.
 * @typedef {{board: () => Taken | null, panel: () => Taken | null, address: () => Address,
 *   at_ms: () => number | null, kept: () => boolean, view: () => import("../model/types.js").View}} Shown */

/** Pixels of a picture for each of its own: sharp on every screen. */
const SCALE = 2;
/** The browser has begun to write the file by then. */
const FORGOTTEN_AFTER_MS = 60_000;

export class Take {
  /** @param {Shown} shown */
  constructor(shown) {
    this.shown = shown;
    this.menu = byId("take");
    this.moment = /** @type {HTMLButtonElement} */ (byId("take-moment"));
    this.link = /** @type {HTMLInputElement} */ (byId("take-link"));
    this.source = shown.board;
    /** The moment that a link can lead to; null if none. @type {number | null} */
    this.at_ms = null;
    this.button = byId("take-board");
    for (const [id, source] of /** @type {const} */ ([["take-board", shown.board], ["take-panel", shown.panel]])) {
      byId(id).addEventListener("click", ({ currentTarget }) => {
        this.source = source;
        this.button = /** @type {HTMLElement} */ (currentTarget);
      });
    }
    this.menu.addEventListener("beforetoggle", (event) => {
      const open = /** @type {ToggleEvent} */ (event).newState === "open";
      this.button.ariaExpanded = String(open);
      if (open) void this.#open();
    });
    this.menu.addEventListener("click", ({ target }) => {
      const ending = /** @type {Element} */ (target).closest("button")?.dataset.save;
      if (ending) void this.#save(ending);
    });
    this.moment.addEventListener("click", () => this.#copy(this.at_ms));
    byId("take-live").addEventListener("click", () => this.#copy(null));
  }

  async #open() {
    this.#say("");
    const taken = this.source();
    write(byId("take-what"), taken?.title ?? words.take.nothing);
    for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (this.menu.querySelectorAll("[data-save]"))) {
      button.disabled = taken === null;
    }
    this.#offer(null, words.take.looking);
    this.#offer(...(await this.#keptMoment()));
  }

  /** The kept moment nearest before what is shown, or why there is none. @returns {Promise<[number | null, string]>} */
  async #keptMoment() {
    if (!sameView(this.shown.view(), DEFAULT_VIEW)) return [null, words.take.only_window];
    const at_ms = this.shown.at_ms();
    if (at_ms === null) return [null, words.take.nothing];
    if (this.shown.kept()) return [at_ms, words.take.moment(clockTime(at_ms))];
    try {
      const { to_ms } = await windowAt(at_ms);
      return [to_ms, words.take.moment(clockTime(to_ms))];
    } catch (error) {
      if (!(error instanceof KeptError)) throw error;
      return [null, words.time.nothing_kept];
    }
  }

  /** @param {number | null} at_ms @param {string} text */
  #offer(at_ms, text) {
    this.at_ms = at_ms;
    this.moment.disabled = at_ms === null;
    write(byId("take-moment-note"), text);
  }

  /** @param {string} ending */
  async #save(ending) {
    const taken = this.source();
    if (!taken) return;
    download(await content(taken, ending), taken.name(ending));
    this.#say(words.take.saved(taken.name(ending)));
  }

  /** @param {number | null} at_ms */
  async #copy(at_ms) {
    const address = this.shown.address();
    const view = at_ms === null ? address.view : DEFAULT_VIEW;
    const link = location.origin + location.pathname + formatAddress({ ...address, view, at_ms });
    this.#say("");
    try {
      await navigator.clipboard.writeText(link);
      this.#say(words.take.copied);
    } catch {
      // Not everywhere may a page write there: without TLS, or when the reader has forbidden it.
      this.#say(words.take.by_hand);
      this.link.hidden = false;
      this.link.value = link;
      this.link.select();
    }
  }

  /** @param {string} text */
  #say(text) {
    this.link.hidden = true;
    write(byId("take-say"), text);
  }
}

/** @param {Taken} taken @param {string} ending @returns {Promise<Blob>} */
async function content({ document, table, figure }, ending) {
  if (ending === "csv") return new Blob([csv(table)], { type: "text/csv;charset=utf-8" });
  if (ending === "json") return new Blob([JSON.stringify(document, null, 2)], { type: "application/json" });
  const { data, layout } = figure();
  const options = { format: ending, width: layout.width, height: layout.height, imageDataOnly: true };
  if (ending === "svg") {
    return new Blob([await Plotly.toImage({ data, layout }, options)], { type: "image/svg+xml" });
  }
  const base64 = await Plotly.toImage({ data, layout }, { ...options, scale: SCALE });
  return new Blob([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], { type: "image/png" });
}

/** @param {Blob} blob @param {string} name */
function download(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), FORGOTTEN_AFTER_MS);
}
