/**
 * The bell of a hashtag: the button in its panel and the key "a" on a hashtag open the choice "Tell me when #x reaches
 * the top 3".
 */

import { TOPS } from "../model/own_rules.js";
import { byId, make, setAttribute, setText } from "../ui/dom.js";
import { focusedTag, isPageKey } from "../ui/keys.js";
import { list } from "../i18n/format.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/own_rules.js").OwnRule} OwnRule */
/** @typedef {{key: string, label: string}} Tag */

export class TagBell {
  /** @param {import("./own_rules.js").OwnRules} rules @param {import("../status/announcer.js").Announcer} announcer */
  constructor(rules, announcer) {
    this.rules = rules;
    this.announcer = announcer;
    this.popover = byId("tag-alert");
    /** @type {Tag} */
    this.tag = { key: "", label: "" };
    byId("tag-alert-choice").replaceChildren(...TOPS.map(makeChoice));
    byId("tag-alert-choice").addEventListener("click", ({ target }) => {
      const button = /** @type {Element} */ (target).closest("button");
      if (button) this.#toggle(Number(button.dataset.top));
    });
    byId("panel-alert").addEventListener("click", (event) => this.#open(panelTag(), byId("panel-alert"), event));
    addEventListener("keydown", (event) => {
      const link = focusedTag();
      if (link === null || !isPageKey(event, "a")) return;
      this.#open({ key: link.key, label: link.label }, link.element, event);
    });
  }

  /** Display the rules of the hashtag in the panel, and of the one in the choice. */
  show() {
    const own = this.rules.of(byId("panel").dataset.key ?? "");
    const tops = list(own.map(({ top }) => placeText(top)));
    setText(byId("panel-alert-text"), own.length ? words.alerts.set(tops) : words.page.tell_me);
    for (const button of byId("tag-alert-choice").querySelectorAll("button")) {
      setAttribute(button, "aria-pressed", String(this.rules.has({ ...this.tag, top: Number(button.dataset.top) })));
    }
  }

  /** @param {Tag} tag @param {HTMLElement} source the element beside which the choice opens @param {Event} event */
  #open(tag, source, event) {
    // A wall has no controls.
    if (!byId("bell").checkVisibility()) return;
    event.preventDefault();
    this.tag = tag;
    setText(byId("tag-alert-title"), words.alerts.tell_me_when(`#${tag.label}`));
    setText(byId("tag-alert-status"), "");
    this.show();
    this.popover.showPopover({ source });
    byId("tag-alert-choice").querySelector("button")?.focus();
  }

  /** @param {number} top */
  #toggle(top) {
    const rule = { ...this.tag, top };
    const text = ruleText(rule);
    const { rules } = this;
    if (rules.has(rule)) {
      rules.remove(rule);
      this.#respond(words.alerts.removed(text));
    } else this.#respond(rules.add(rule) ? words.alerts.made(text) : words.alerts.too_many);
  }

  /** @param {string} text */
  #respond(text) {
    setText(byId("tag-alert-status"), text);
    this.announcer.respond(text);
  }
}

/** "first place", "the top 3" @param {number} top */
const placeText = (top) => words.alerts.places[top];

/** "#x reaches the top 3" @param {OwnRule} rule */
export const ruleText = ({ label, top }) => words.alerts.rule(`#${label}`, placeText(top));

/** The hashtag of the open panel. @returns {Tag} */
function panelTag() {
  return { key: byId("panel").dataset.key ?? "", label: (byId("panel-title").textContent ?? "").slice(1) };
}

/** @param {number} top */
function makeChoice(top) {
  const button = make("button", "control", placeText(top));
  button.type = "button";
  button.dataset.top = String(top);
  return make("li", "", button);
}
