/** One topic of the view "Rising": its tags, why they rise, and the curve of its first tag. */

import { panelHash } from "../model/address.js";
import { detailsOf, reasonOf, usualBand } from "../model/rising.js";
import { takenBackSentence } from "../model/taken_back.js";
import { factor } from "../i18n/format.js";
import { markClickable } from "../ui/numbers.js";
import { make, setAttribute, setTagText, setText } from "../ui/dom.js";
import { Trend } from "./trend.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/types.js").RisingTag} RisingTag */
/** @typedef {{pane_seconds: number, window_seconds: number, now_ms: number, open: string | null}} TopicContext */

export class TopicItem {
  /** @param {string} key of its first tag */
  constructor(key) {
    this.key = key;
    this.times = make("p", "topic-times");
    // The sentence has the number too.
    this.times.ariaHidden = "true";
    this.tags = make("h2", "topic-tags");
    this.reason = make("p", "topic-reason");
    this.taken_back = make("p", "topic-taken-back taken-back-line");
    this.details = make("p", "topic-details");
    this.trend = new Trend();
    const text = make("div", "topic-text", this.tags, this.reason, this.taken_back, this.details);
    this.element = make("li", "topic", this.times, text, this.trend.element);
    this.times.dataset.main = "";
    // Clicks only: for the keyboard, the key "i" on the link of a tag opens the card with all of these numbers.
    for (const [part, of] of /** @type {[HTMLElement, string][]} */ ([
      [this.times, "rising_times"], [this.reason, "rising_authors"], [this.details, "rising_posts"],
      [this.taken_back, "taken_back_part"],
    ])) markClickable(part, of);
  }

  /** @param {RisingTag[]} tags the most surprising first @param {TopicContext} context */
  fill(tags, { pane_seconds, window_seconds, now_ms, open }) {
    const [first] = tags;
    setAttribute(this.element, "data-key", first.key);
    setText(this.times, first.new ? words.rising.new : words.rising.times(factor(first.times)));
    this.#fillTags(tags, open);
    setText(this.reason, reasonOf(first, window_seconds, now_ms));
    fillParts(this.taken_back, takenBackOf(tags));
    fillParts(this.details, detailsOf(first, now_ms));
    this.trend.show(first.panes, usualBand(first, { pane_seconds, window_seconds }));
    this.element.classList.toggle("open", tags.some(({ key }) => key === open));
    this.element.classList.toggle("new", first.new);
  }

  /** @param {RisingTag[]} tags @param {string | null} open */
  #fillTags(tags, open) {
    while (this.tags.children.length > tags.length) this.tags.lastElementChild?.remove();
    tags.forEach(({ key, label }, index) => {
      const link = /** @type {HTMLAnchorElement} */ (this.tags.children[index] ?? this.tags.appendChild(make("a", "topic-tag")));
      setTagText(link, label);
      setAttribute(link, "href", panelHash({ name: "tag", key }));
      setAttribute(link, "aria-current", key === open ? "true" : null);
    });
  }

  /** Mark a topic that no longer rises, and is still displayed because the order is held. @param {boolean} left */
  setLeft(left) {
    this.element.classList.toggle("left", left);
    if (left) setText(this.times, words.board.out);
  }
}

/** "41% taken back: 12 of 29 posts", with the name of the tag if the topic has several. @param {RisingTag[]} tags */
function takenBackOf(tags) {
  return tags.flatMap((tag) => {
    const sentence = takenBackSentence(tag);
    if (sentence === null) return [];
    return tags.length > 1 ? [words.strip.named(`#${tag.label}`, sentence)] : [sentence];
  });
}

/** Each part in an element of its own. @param {HTMLElement} element @param {string[]} parts */
function fillParts(element, parts) {
  while (element.children.length > parts.length) element.lastElementChild?.remove();
  parts.forEach((part, index) => setText(element.children[index] ?? element.appendChild(make("span")), part));
}
