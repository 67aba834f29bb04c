/** The card of a number: how it was made, the command that returns it, and a recount of the last closed pane. */

import { ApiError, catchApiError, explain, recount } from "../net/api.js";
import { canRecount, formatNumber, groupOf, numberQuery } from "../model/numbers.js";
import { clockTime, posts } from "../i18n/format.js";
import { sentencesOf } from "../model/explained.js";
import { byId, make, setTextWithQuotes, setText } from "../ui/dom.js";
import { isPageKey } from "../ui/keys.js";
import { momentOf } from "../ui/numbers.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/numbers.js").NumberPlace} NumberPlace */

/** Parts of the page with the numbers of one tag, in which the focus is on the link of the tag. */
const PLACES = ".row, tr, .topic, .held-back li, .chip, .often-with li";

export class NumberCard {
  constructor() {
    this.dialog = /** @type {HTMLDialogElement} */ (byId("number-card"));
    this.choice = /** @type {HTMLSelectElement} */ (byId("card-choice"));
    /** @type {NumberPlace | null} */
    this.place = null;
    /** The start of the pane that can be recounted. @type {number | null} */
    this.pane_ms = null;
    if (document.documentElement.matches(".wall, .embed")) return;
    document.addEventListener("click", (event) => this.#onClick(event));
    addEventListener("keydown", (event) => this.#onKey(event));
    byId("card-close").addEventListener("click", () => this.dialog.close());
    byId("card-copy").addEventListener("click", () => void this.#copy());
    byId("card-recount").addEventListener("click", () => void this.#recount());
    this.choice.addEventListener("change", () => this.place && void this.#show({ ...this.place, of: this.choice.value }));
    this.dialog.addEventListener("keydown", (event) => event.stopPropagation());
    this.dialog.addEventListener("click", ({ target }) => target === this.dialog && this.dialog.close());
  }

  /** @param {MouseEvent} event */
  #onClick(event) {
    const number = /** @type {Element} */ (event.target).closest("[data-of]");
    const place = number && placeOf(/** @type {HTMLElement} */ (number));
    if (!place) return;
    event.preventDefault();
    this.#open(place);
  }

  /** Enter and the space bar on a number; "i" on a number or on the link of a tag. @param {KeyboardEvent} event */
  #onKey(event) {
    const focused = /** @type {HTMLElement} */ (document.activeElement ?? document.body);
    const is_number = focused.matches("[data-of]");
    const pressed = is_number && ["Enter", " "].some((key) => isPageKey(event, key));
    if (!pressed && !isPageKey(event, "i")) return;
    const place = is_number ? placeOf(focused) : placeOfLink(focused);
    if (!place) return;
    event.preventDefault();
    this.#open(place);
  }

  /** @param {NumberPlace} place */
  #open(place) {
    const names = words.number.names;
    this.choice.replaceChildren(...groupOf(place).map((of) => new Option(names[of] ?? of, of, false, of === place.of)));
    if (!this.dialog.open) this.dialog.showModal();
    void this.#show(place);
  }

  /** @param {NumberPlace} place */
  async #show(place) {
    this.place = place;
    setText(byId("card-value"), "…");
    setText(byId("card-tag"), place.label ?? "");
    this.#showResult("");
    const explained = await explain(numberQuery(place)).catch(catchApiError);
    if (place !== this.place) return;
    const failed = explained instanceof ApiError;
    byId("card-body").hidden = failed;
    this.#showError(failed ? explained : null);
    if (failed) return;
    const { value, curl, pane_from_ms } = explained;
    setText(byId("card-value"), formatNumber(place.of, value, Date.now()));
    setText(byId("card-exact"), String(value));
    const sentences = sentencesOf(explained, place.label);
    byId("card-sentences").replaceChildren(...sentences.map((sentence) => make("li", "", sentence)));
    setText(byId("card-curl"), curl);
    this.pane_ms = canRecount(place) ? pane_from_ms : null;
    byId("card-recount").hidden = this.pane_ms === null;
  }

  /** Why nothing is known of the number. @param {ApiError | null} error */
  #showError(error) {
    setTextWithQuotes(byId("card-error"), error?.message ?? "", error?.from_server ? [error.message] : []);
  }

  async #copy() {
    const command = byId("card-curl").textContent ?? "";
    const copied = await navigator.clipboard?.writeText(command).then(() => true, () => false);
    if (!copied) getSelection()?.selectAllChildren(byId("card-curl"));
    this.#showResult(copied ? words.number.copied : words.number.copy_by_hand);
  }

  async #recount() {
    const { place, pane_ms } = this;
    if (place === null || pane_ms === null) return;
    this.#showResult(words.number.recounting);
    const recounted = await recount(pane_ms, place.key).catch(catchApiError);
    if (place !== this.place) return;
    if (recounted instanceof ApiError) this.#showResult(recounted.message, recounted.from_server ? [recounted.message] : []);
    else this.#showResult(recountSentence(recounted));
  }

  /** @param {string} text @param {string[]} [quotes] the parts that are the server's */
  #showResult(text, quotes = []) {
    setTextWithQuotes(byId("card-result"), text, quotes);
  }
}

/** Both numbers of the pane, and of the tag in it. @param {import("../model/types.js").Recount} recounted */
function recountSentence({ from_ms, to_ms, posts: all, tag }) {
  const texts = words.number;
  const { counted, recounted: again } = tag ?? all;
  const known = counted === null ? words.panel.unknown : posts(counted);
  const result = texts.recounted(words.range(clockTime(from_ms), clockTime(to_ms)), known, posts(again));
  if (counted === null) return result;
  return `${result} ${counted === again ? texts.equal : texts.different}`;
}

/** @param {HTMLElement} number @returns {NumberPlace | null} */
function placeOf(number) {
  const moment = momentOf(number);
  const { of, other = null } = number.dataset;
  if (moment === null || moment.archived || of === undefined) return null;
  const tag = /** @type {HTMLElement | null} */ (number.closest("[data-key]"));
  return { of, key: tag?.dataset.key ?? null, other, label: tag && labelOf(number, tag), moment };
}

/**
 * The tag as it is written; for a pair both tags.
 *
 * @param {HTMLElement} number @param {HTMLElement} tag the part of the page with its key
 */
function labelOf(number, tag) {
  const link = number.closest("li, tr")?.querySelector("a");
  if (!byId("panel-body").contains(tag)) return link?.textContent ?? null;
  const title = byId("panel-title").textContent;
  return number.dataset.other ? `${title} + ${link?.textContent}` : title;
}

/** The main number beside the link of a tag. @param {HTMLElement} link @returns {NumberPlace | null} */
function placeOfLink(link) {
  const number = /** @type {HTMLElement | null | undefined} */ (link.closest(PLACES)?.querySelector("[data-main]"));
  const place = number ? placeOf(number) : null;
  const { hash = "" } = /** @type {HTMLAnchorElement} */ (link);
  // A topic has several tags.
  const is_tag = place !== null && place.other === null && hash.startsWith("#/tag/");
  return is_tag ? { ...place, key: decodeURIComponent(hash.slice("#/tag/".length)), label: link.textContent } : place;
}
