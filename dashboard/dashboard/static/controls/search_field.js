/** The field that finds a hashtag: a list below it, and Enter opens the panel of a found tag. The key "/" focuses it. */

import { foundFact, nextOption } from "../model/found.js";
import { ApiError, findTags } from "../net/api.js";
import { byId, make, setAttribute, setTagText, setTextWithQuotes } from "../ui/dom.js";
import { isPageKey } from "../ui/keys.js";
import { closeMenu, openMenu } from "./small_screen_menu.js";
import { count } from "../i18n/format.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/types.js").FoundTag} FoundTag */

/** Viewers type a letter about each 100 ms; one request for several letters is enough. */
const WAIT_MS = 150;

export class SearchField {
  /** @param {(key: string) => void} onFind @param {import("../status/announcer.js").Announcer} announcer */
  constructor(onFind, announcer) {
    this.onFind = onFind;
    /** The tag that was chosen last. @type {string | null} */
    this.found = null;
    this.announcer = announcer;
    this.field = /** @type {HTMLInputElement} */ (byId("search-field"));
    this.list = byId("search-list");
    this.results = byId("search-results");
    /** The tags in the list. @type {FoundTag[]} */
    this.tags = [];
    /** The option that Enter opens; -1 for none. */
    this.active = -1;
    /** Ends the running request. */
    this.request = new AbortController();
    this.timer = 0;
    this.field.placeholder = words.search.shortcut(words.page.search);
    this.field.addEventListener("input", () => this.#onInput());
    this.field.addEventListener("keydown", (event) => this.#onKey(event));
    this.field.addEventListener("focus", () => this.#open(this.tags.length > 0));
    this.field.addEventListener("blur", () => this.#open(false));
    // The field keeps the focus, so that the list stays open until the click.
    this.results.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", ({ target }) => {
      const option = /** @type {Element} */ (target).closest("li");
      if (option) this.#choose([...this.list.children].indexOf(option));
    });
    addEventListener("keydown", (event) => this.#onPageKey(event));
  }

  /** @param {KeyboardEvent} event */
  #onPageKey(event) {
    if (!isPageKey(event, "/")) return;
    openMenu();
    // A wall and an embedded page have no controls.
    if (!this.field.checkVisibility()) return;
    this.field.focus();
    this.field.select();
    event.preventDefault();
  }

  #onInput() {
    clearTimeout(this.timer);
    this.request.abort();
    const text = this.field.value.trim();
    if (text.replace(/^[#＃﹟]+/, "") === "") this.#show([], "");
    else this.timer = window.setTimeout(() => void this.#find(text), WAIT_MS);
  }

  /** @param {string} text */
  async #find(text) {
    this.request = new AbortController();
    const { signal } = this.request;
    try {
      const { tags, partial } = await findTags(text, signal);
      if (signal.aborted) return;
      const none = tags.length ? "" : words.search.nothing(text);
      this.#show(tags, [none, partial].filter(Boolean).join(" "), partial);
      this.announcer.respond(tags.length ? words.search.found(count(tags.length), tags.length) : none);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof ApiError)) throw error;
      this.#show([], error.message, error.from_server ? error.message : null);
    }
  }

  /**
   * @param {FoundTag[]} tags @param {string} note
   * @param {string | null} [quote] the part of the note that is the server's
   */
  #show(tags, note, quote = null) {
    this.tags = tags;
    this.list.replaceChildren(...tags.map(makeOption));
    this.list.hidden = tags.length === 0;
    setTextWithQuotes(byId("search-note"), note, quote ? [quote] : []);
    byId("search-note").hidden = note === "";
    this.#activate(-1);
    this.#open((tags.length > 0 || note !== "") && document.activeElement === this.field);
  }

  /** @param {boolean} open */
  #open(open) {
    this.results.hidden = !open;
    setAttribute(this.field, "aria-expanded", String(open && this.tags.length > 0));
  }

  /** @param {number} place of the option */
  #activate(place) {
    this.active = place;
    [...this.list.children].forEach((option, index) => setAttribute(option, "aria-selected", String(index === place)));
    setAttribute(this.field, "aria-activedescendant", place < 0 ? null : this.list.children[place].id);
    this.list.children[place]?.scrollIntoView({ block: "nearest" });
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.isComposing) return;
    const { key } = event;
    if ((key === "ArrowDown" || key === "ArrowUp") && this.tags.length) {
      this.#open(true);
      this.#activate(nextOption(this.active, key, this.tags.length));
    } else if (key === "Enter" && this.tags.length) this.#choose(Math.max(0, this.active));
    else if (key === "Escape" && !this.results.hidden) this.#open(false);
    else return;
    event.preventDefault();
  }

  /** @param {number} place of the option */
  #choose(place) {
    const { key } = this.tags[place];
    this.found = key;
    this.field.value = "";
    this.#show([], "");
    closeMenu();
    this.onFind(key);
  }
}

/** @param {FoundTag} tag @param {number} place */
function makeOption(tag, place) {
  const name = make("span", "found-tag");
  setTagText(name, tag.label);
  const option = make("li", "", name, " ", make("span", "found-fact", foundFact(tag)));
  option.id = `search-option-${place}`;
  option.role = "option";
  return option;
}
