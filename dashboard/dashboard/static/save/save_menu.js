/** The menu "Save": saves the ranking or the curves as a file, and copies a link to the page. */

import { formatAddress, sameView, storedView, DEFAULT_VIEW } from "../model/address.js";
import { csv } from "./csv.js";
import { byId, setText } from "../ui/dom.js";
import { clockTime } from "../i18n/format.js";
import { ApiError, windowAt } from "../net/api.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/address.js").Address} Address */
/** @typedef {import("../model/types.js").View} View */
/** @typedef {import("../model/page_types.js").Step} Step */
/** @typedef {import("./csv.js").Cell} Cell */

/**
 * What the menu can save. `fileName`: by extension; `figure`: for Plotly, created only when it is needed.
 * @typedef {{title: string, fileName: (extension: string) => string, document: object, table: Cell[][],
 *   figure: () => {data: any[], layout: any}}} SaveContent
 */

/**
 * `board` and `panel`: the contents of each, null if it is empty. `at_ms`: the displayed time, null before the first
 * snapshot. `step`: that of the archive, null for the history. `isPast`: is the past displayed? `view`: the displayed one.
 * `liveView`: that of the live page, null for the view of a page without a view in its address.
 * @typedef {{board: () => SaveContent | null, panel: () => SaveContent | null, address: () => Address,
 *   at_ms: () => number | null, step: () => Step | null, isPast: () => boolean, view: () => View,
 *   liveView: () => View | null}} PageContents
 */

/** Pixels of the picture per pixel of the figure: sharp on every screen. */
const SCALE = 2;
/** The browser has started to write the file by then. */
const REVOKE_URL_AFTER_MS = 60_000;

export class SaveMenu {
  /** @param {PageContents} page */
  constructor(page) {
    this.page = page;
    this.menu = byId("save-menu");
    this.moment_button = /** @type {HTMLButtonElement} */ (byId("save-moment"));
    this.link = /** @type {HTMLInputElement} */ (byId("save-link"));
    this.content = page.board;
    /** The time of the link to this moment; null if there is none. @type {number | null} */
    this.at_ms = null;
    this.opener = byId("save-board");
    /** Number of the last opening: the time of an older one is ignored. */
    this.opening_number = 0;
    for (const [id, content] of /** @type {const} */ ([["save-board", page.board], ["save-panel", page.panel]])) {
      byId(id).addEventListener("click", ({ currentTarget }) => {
        this.content = content;
        this.opener = /** @type {HTMLElement} */ (currentTarget);
      });
    }
    this.menu.addEventListener("beforetoggle", (event) => {
      const open = /** @type {ToggleEvent} */ (event).newState === "open";
      this.opener.ariaExpanded = String(open);
      if (open) void this.#onOpen();
    });
    this.menu.addEventListener("click", ({ target }) => {
      const extension = /** @type {Element} */ (target).closest("button")?.dataset.save;
      if (extension) void this.#save(extension);
    });
    this.moment_button.addEventListener("click", () => this.#copyLink(this.at_ms));
    byId("save-live").addEventListener("click", () => this.#copyLink(null));
  }

  async #onOpen() {
    this.#showStatus("");
    const content = this.content();
    setText(byId("save-title"), content?.title ?? words.save.nothing);
    for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (this.menu.querySelectorAll("[data-save]"))) {
      button.disabled = content === null;
    }
    this.#showMoment(null, words.save.loading);
    const opening_number = ++this.opening_number;
    const moment = await this.#storedMoment();
    if (opening_number === this.opening_number) this.#showMoment(...moment);
  }

  /**
   * The last stored time before the displayed time, with its text; or null with the reason why there is none.
   *
   * @returns {Promise<[number | null, string]>}
   */
  async #storedMoment() {
    const view = this.page.view();
    if (!sameView(storedView(view), view)) return [null, words.save.only_window];
    const at_ms = this.page.at_ms();
    if (at_ms === null) return [null, words.save.nothing];
    if (this.page.isPast()) return [at_ms, words.save.window_at(clockTime(at_ms))];
    try {
      const { to_ms } = await windowAt(at_ms, view);
      return [to_ms, words.save.window_at(clockTime(to_ms))];
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return [null, words.time.no_history_yet];
    }
  }

  /** @param {number | null} at_ms @param {string} note */
  #showMoment(at_ms, note) {
    this.at_ms = at_ms;
    this.moment_button.disabled = at_ms === null;
    setText(byId("save-moment-note"), note);
  }

  /** @param {string} extension */
  async #save(extension) {
    const content = this.content();
    if (!content) return;
    download(await fileOf(content, extension), content.fileName(extension));
    this.#showStatus(words.save.saved(content.fileName(extension)));
  }

  /** @param {number | null} at_ms null for a link to the live page */
  async #copyLink(at_ms) {
    const displayed = this.page.view();
    // A moment without a view is the window of all posts.
    const moment_view = sameView(displayed, DEFAULT_VIEW) ? null : displayed;
    const view = at_ms === null ? this.page.liveView() : moment_view;
    const step = at_ms === null ? null : this.page.step();
    const link = location.origin + location.pathname + formatAddress({ ...this.page.address(), view, at_ms, step });
    this.#showStatus("");
    try {
      await navigator.clipboard.writeText(link);
      this.#showStatus(words.save.copied);
    } catch {
      // The page may not write to the clipboard: without TLS, or when the viewer has forbidden it.
      this.#showStatus(words.save.copy_by_hand);
      this.link.hidden = false;
      this.link.value = link;
      this.link.select();
    }
  }

  /** @param {string} text */
  #showStatus(text) {
    this.link.hidden = true;
    setText(byId("save-status"), text);
  }
}

/** @param {SaveContent} content @param {string} extension @returns {Promise<Blob>} */
async function fileOf({ document, table, figure }, extension) {
  if (extension === "csv") return new Blob([csv(table)], { type: "text/csv;charset=utf-8" });
  if (extension === "json") return new Blob([JSON.stringify(document, null, 2)], { type: "application/json" });
  const { data, layout } = figure();
  const options = { format: extension, width: layout.width, height: layout.height, imageDataOnly: true };
  if (extension === "svg") {
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
  setTimeout(() => URL.revokeObjectURL(link.href), REVOKE_URL_AFTER_MS);
}
