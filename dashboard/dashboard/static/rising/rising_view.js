/** The view "Rising": the topics that rise and why, what is held back, or one sentence why there is no topic. */

import { DEFAULT_VIEW, panelHash } from "../model/address.js";
import { heldBackReason, whyNoTopic } from "../model/rising.js";
import { count, longLength } from "../i18n/format.js";
import { markClickable, setMoment } from "../ui/numbers.js";
import { byId, make, setAttribute, setTagText, setText } from "../ui/dom.js";
import { RowHold } from "../board/row_hold.js";
import { TopicItem } from "./topic.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/page_types.js").AnySnapshot} AnySnapshot */
/** @typedef {import("../model/types.js").Rising} Rising */
/** @typedef {import("../model/types.js").HeldBack} HeldBack */
/** @typedef {{mode: "live" | "paused" | "past", now_ms: number, open: string | null}} RisingOptions */

export class RisingView {
  /** @param {(part: Partial<import("../model/address.js").Address>) => void} onChange */
  constructor(onChange) {
    this.element = byId("rising");
    byId("rising-window").addEventListener("click", () => onChange({ view: DEFAULT_VIEW, at_ms: null }));
    this.list = byId("topics");
    this.held_back = /** @type {HTMLDetailsElement} */ (byId("held-back"));
    /** By the key of the first tag. @type {Map<string, TopicItem>} */
    this.items = new Map();
    /** Identifies what is displayed: most snapshots have the same list, since it changes only with a pane. */
    this.displayed = "";
    /** @type {[AnySnapshot, RisingOptions] | null} */
    this.last = null;
    this.hold = new RowHold(this.list, () => this.last && this.show(...this.last));
    // The wall doesn't scroll: it displays the topics that have space.
    if (document.documentElement.classList.contains("wall")) new ResizeObserver(() => this.#fit()).observe(this.element);
  }

  /** @param {AnySnapshot} snapshot in the view "Rising" @param {RisingOptions} options */
  show(snapshot, options) {
    this.last = [snapshot, options];
    setMoment(this.element, snapshot);
    const { rising, pane_seconds, window_seconds, epoch } = snapshot;
    const { mode, now_ms, open } = options;
    // A list that the viewer points at does not move.
    const is_held = mode === "live" && this.items.size > 0 && this.hold.isActive(performance.now());
    const day = new Date(now_ms).getDate();
    const shown = JSON.stringify([rising, pane_seconds, window_seconds, epoch, mode, open, is_held, day]);
    if (shown === this.displayed) return;
    this.displayed = shown;
    this.#showTopics(rising?.topics ?? [], { pane_seconds, window_seconds, now_ms, open }, is_held);
    this.#showReason(whyNoTopic(snapshot, mode), mode);
    byId("rising-legend").hidden = this.items.size === 0;
    setText(byId("rising-legend-line"), words.rising.legend_line(longLength(pane_seconds)));
    this.#showHeldBack(rising?.held_back ?? []);
    this.#fit();
  }

  /** @param {Rising["topics"]} topics @param {import("./topic.js").TopicContext} context @param {boolean} is_held */
  #showTopics(topics, context, is_held) {
    const rising_keys = new Set(topics.map(({ tags }) => tags[0].key));
    const keys = new Set([...(is_held ? this.items.keys() : []), ...rising_keys]);
    this.items = new Map([...keys].map((key) => [key, this.items.get(key) ?? new TopicItem(key)]));
    for (const { tags } of topics) this.items.get(tags[0].key)?.fill(tags, context);
    for (const item of this.items.values()) item.setLeft(!rising_keys.has(item.key));
    arrange(this.list, [...this.items.values()].map(({ element }) => element));
    byId("rising-held").hidden = !is_held;
    setAttribute(this.list, "aria-describedby", is_held ? "rising-held" : null);
  }

  /** @param {string | null} why there is no topic @param {RisingOptions["mode"]} mode */
  #showReason(why, mode) {
    byId("rising-none").hidden = why === null;
    setText(byId("rising-none-text"), why ?? "");
    byId("rising-window").hidden = mode !== "live";
  }

  /** Order the topics again, even if the pointer is on them. @returns {boolean} was the order held? */
  release() {
    return this.hold.release("escape");
  }

  /** Focus the link of a tag, or the first link if the tag is not on the list. @param {string} key */
  focus(key) {
    const hash = panelHash({ name: "tag", key });
    const links = [...this.element.querySelectorAll("a")].filter((link) => link.checkVisibility());
    (links.find((link) => link.hash === hash) ?? links[0])?.focus();
  }

  /** @param {HeldBack[]} held_back */
  #showHeldBack(held_back) {
    this.held_back.hidden = held_back.length === 0;
    setText(byId("held-back-title"), words.rising.held_back(count(held_back.length)));
    const list = byId("held-back-list");
    while (list.children.length > held_back.length) list.lastElementChild?.remove();
    held_back.forEach((held, index) => {
      const item = list.children[index] ?? list.appendChild(makeHeld());
      setAttribute(item, "data-key", held.key);
      const [link, reason] = /** @type {[HTMLAnchorElement, HTMLElement]} */ ([...item.children]);
      setTagText(link, held.label);
      setAttribute(link, "href", panelHash({ name: "tag", key: held.key }));
      setText(reason, heldBackReason(held));
    });
  }

  /** On the wall: hide the last topics that have no space, and say how many. */
  #fit() {
    const more = byId("rising-more");
    const items = /** @type {HTMLElement[]} */ ([...this.list.children]);
    for (const item of items) item.hidden = false;
    more.hidden = true;
    if (!document.documentElement.classList.contains("wall") || this.element.clientHeight === 0) return;
    const hasSpace = () => this.element.scrollHeight <= this.element.clientHeight;
    let hidden = 0;
    while (!hasSpace() && hidden < items.length - 1) {
      hidden += 1;
      items[items.length - hidden].hidden = true;
      more.hidden = false;
      setText(more, words.rising.more(count(hidden), hidden));
    }
  }
}

/** A rise that is held back: its tag, and why. */
function makeHeld() {
  const reason = make("span");
  reason.dataset.main = "";
  markClickable(reason, "held_posts");
  return make("li", "", make("a"), reason);
}

/** Put items into a list in this order; an item at its place is not moved. @param {Element} list @param {Element[]} items */
function arrange(list, items) {
  const focused = /** @type {HTMLElement | null} */ (list.contains(document.activeElement) ? document.activeElement : null);
  for (const old of [...list.children]) if (!items.includes(old)) old.remove();
  items.forEach((item, index) => {
    if (list.children[index] !== item) list.insertBefore(item, list.children[index] ?? null);
  });
  // A moved element loses the focus. If its topic has left, the first one gets the focus.
  if (focused === null || focused === document.activeElement) return;
  (list.contains(focused) ? focused : list.querySelector("a"))?.focus();
}
