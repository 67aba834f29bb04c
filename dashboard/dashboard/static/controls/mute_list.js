/**
 * The hashtags that the viewer has hidden in this browser: the button in the panel and the key "m" hide one, "Undo" and the
 * list show it again. The list also says how many hashtags the operator has muted.
 */

import { muteLine, parseMutes, withoutTags } from "../model/mutes.js";
import { focusedTag, isPageKey } from "../ui/keys.js";
import { byId, make, setTagText, setText } from "../ui/dom.js";
import { readStored, store } from "../ui/storage.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/page_types.js").AnySnapshot} AnySnapshot */
/** @typedef {import("../model/mutes.js").Mute} Mute */

const NAME = "hidden-hashtags";
/** Undo is offered for this time, and as long as it has the pointer or the focus. */
const UNDO_MS = 10_000;

export class MuteList {
  /**
   * @param {{onChange: () => void, closePanel: () => void, release: () => void, focus: (key: string) => void}} handlers
   * `onChange`: display the snapshot again; `release`: a held order ends; `focus`: focus a tag
   * @param {import("../status/announcer.js").Announcer} announcer
   */
  constructor(handlers, announcer) {
    this.handlers = handlers;
    this.announcer = announcer;
    /** @type {Mute[]} */
    this.mutes = parseMutes(readStored(NAME));
    /** The hidden tag that "Undo" shows again. @type {Mute | null} */
    this.last = null;
    this.timer = 0;
    byId("panel-mute").addEventListener("click", () => this.#onPanelButton());
    byId("undo-button").addEventListener("click", () => this.last && this.#unmute(this.last.key));
    byId("undo").addEventListener("focusout", () => this.#hideUndo());
    byId("undo").addEventListener("pointerleave", () => this.#hideUndo());
    byId("mutes-list").addEventListener("click", ({ target }) => {
      const { key } = /** @type {Element} */ (target).closest("button")?.dataset ?? {};
      if (key !== undefined) this.#unmute(key);
    });
    addEventListener("keydown", (event) => this.#onKey(event));
    // Another tab of this browser.
    addEventListener("storage", ({ key }) => {
      if (key === NAME) this.#set(parseMutes(readStored(NAME)));
    });
    this.#fillList();
  }

  /** The snapshot without the hidden tags. @template {AnySnapshot | null} Any @param {Any} snapshot @returns {Any} */
  visible(snapshot) {
    return snapshot && withoutTags(snapshot, new Set(this.mutes.map(({ key }) => key)));
  }

  /** Does the viewer hide tags? */
  get any() {
    return this.mutes.length > 0;
  }

  /** Display how many tags are muted. @param {import("../model/page_types.js").Snapshot | null} newest */
  show(newest) {
    const muted = newest?.muted;
    const line = byId("window-muted");
    setText(line, muteLine(muted, this.mutes.length));
    line.hidden = line.textContent === "";
    byId("mutes-operator").hidden = !muted || muted.tags === 0;
    setText(byId("mutes-operator"), muted ? words.mute.by_operator(String(muted.hidden), muted.hidden) : "");
    const { key = "" } = byId("panel").dataset;
    setText(byId("panel-mute"), this.hides(key) ? words.mute.show : words.mute.hide);
  }

  /** Has the viewer hidden this hashtag? @param {string} key */
  hides(key) {
    return this.mutes.some((mute) => mute.key === key);
  }

  #onPanelButton() {
    const { key = "" } = byId("panel").dataset;
    if (this.hides(key)) return this.#unmute(key);
    const label = (byId("panel-title").textContent ?? "").slice(1);
    this.handlers.closePanel();
    return this.#mute({ key, label });
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const tag = focusedTag();
    if (tag === null || !isPageKey(event, "m")) return;
    this.#mute({ key: tag.key, label: tag.label });
    event.preventDefault();
  }

  /** @param {Mute} mute */
  #mute(mute) {
    if (this.hides(mute.key)) return;
    this.#set([...this.mutes, mute]);
    this.last = mute;
    setText(byId("undo-text"), words.mute.done(`#${mute.label}`));
    byId("undo").hidden = false;
    byId("undo-button").focus();
    this.announcer.respond(words.mute.done(`#${mute.label}`));
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.#hideUndo(), UNDO_MS);
  }

  /** @param {string} key */
  #unmute(key) {
    const mute = this.mutes.find((one) => one.key === key);
    this.#set(this.mutes.filter((one) => one !== mute));
    if (mute) this.announcer.respond(words.mute.undone(`#${mute.label}`));
    if (byId("undo").contains(document.activeElement)) this.handlers.focus(key);
    byId("undo").hidden = true;
  }

  /** Hide "Undo", unless the viewer is about to press it. */
  #hideUndo() {
    requestAnimationFrame(() => {
      byId("undo").hidden ||= !byId("undo").matches(":hover, :focus-within");
    });
  }

  /** @param {Mute[]} mutes */
  #set(mutes) {
    this.mutes = mutes;
    store(NAME, mutes);
    this.#fillList();
    // The list changes at once, also while its order is held.
    this.handlers.release();
    this.handlers.onChange();
  }

  #fillList() {
    byId("mutes-own").hidden = this.mutes.length === 0;
    const had_focus = byId("mutes-list").contains(document.activeElement);
    byId("mutes-list").replaceChildren(...this.mutes.map(makeItem));
    if (had_focus) (byId("mutes-list").querySelector("button") ?? byId("mutes-close")).focus();
  }
}

/** @param {Mute} mute */
function makeItem({ key, label }) {
  const name = make("span");
  setTagText(name, label);
  const button = make("button", "control", words.mute.show);
  button.type = "button";
  button.dataset.key = key;
  button.ariaLabel = words.mute.show_tag(`#${label}`);
  return make("li", "", name, button);
}
