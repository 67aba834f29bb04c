/**
 * The controls for the ranking, the number of bars, the filter and the table. They display the address, and report
 * changes.
 */

import { DEFAULT_VIEW, sameView } from "../model/address.js";
import { byId, make, setAttribute, setText } from "../ui/dom.js";
import { count, languageName, lastMinutes } from "../i18n/format.js";
import { setUpMenu } from "./small_screen_menu.js";
import { pinnedKeys } from "../model/pins.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/types.js").View} View */
/** @typedef {import("../model/page_types.js").Ranking} Ranking */
/** @typedef {import("../model/types.js").Choices} Choices */
/** @typedef {import("../model/address.js").Address} Address */

export class Controls {
  /** @param {number[]} sizes the numbers of bars to choose from @param {(part: Partial<Address>) => void} onChange */
  constructor(sizes, onChange) {
    this.filter = /** @type {HTMLSelectElement} */ (byId("filter"));
    this.table = byId("table-switch");
    this.fold = /** @type {HTMLInputElement} */ (byId("fold"));
    this.compare = byId("compare");
    setUpMenu();
    this.view = DEFAULT_VIEW;
    this.people_known = false;
    /** Identifies the options of the filter. */
    this.options = "";
    /** By option of the filter. @type {View[]} */
    this.views = [];
    byId("top").append(...sizes.map(sizeButton));
    byId("ranking").addEventListener("change", ({ target }) => {
      const ranking = /** @type {Ranking} */ (/** @type {HTMLInputElement} */ (target).value);
      onChange({ view: { ...DEFAULT_VIEW, ranking }, at_ms: null });
    });
    byId("by").addEventListener("change", ({ target }) => {
      const by = /** @type {View["by"]} */ (/** @type {HTMLInputElement} */ (target).value);
      onChange({ view: { ...this.view, by }, at_ms: null });
    });
    setAttribute(byId("by"), "title", words.page.by_hint);
    setAttribute(byId("fold-box"), "title", words.page.fold_hint);
    byId("top").addEventListener("change", ({ target }) => {
      onChange({ top: Number(/** @type {HTMLInputElement} */ (target).value) });
    });
    this.filter.addEventListener("change", () => onChange({ view: this.views[this.filter.selectedIndex], at_ms: null }));
    this.fold.addEventListener("change", () => onChange({ fold: this.fold.checked }));
    this.table.addEventListener("click", () => onChange({ table: this.table.ariaPressed !== "true" }));
  }

  /** @param {Address & {view: View}} address @param {number} top the number of bars */
  show({ view, table, fold, pins }, top) {
    this.view = view;
    check("ranking", view.ranking);
    check("by", view.by);
    check("top", String(top));
    byId("top").hidden = view.ranking === "rising";
    this.#showBy();
    this.table.ariaPressed = String(table);
    this.fold.checked = fold;
    // Only the window of all posts has topics.
    byId("fold-box").hidden = !sameView(view, DEFAULT_VIEW);
    this.compare.hidden = pinnedKeys(pins).length === 0;
    setText(this.compare, words.panel.compare(count(pinnedKeys(pins).length)));
  }

  /**
   * Display the length of the window and how many topics rise, and offer to rank by people if they are known.
   *
   * @param {import("../model/page_types.js").Snapshot} newest
   */
  update({ window_seconds, rising_topics, view, authors }) {
    setText(byId("ranking-window"), lastMinutes(window_seconds));
    setText(byId("ranking-rising"), rising_topics ? words.rising.button(count(rising_topics)) : words.page.ranking_rising);
    if (view.ranking === "window") this.people_known = authors !== null;
    this.#showBy();
  }

  /** Only the window can be ranked by people. */
  #showBy() {
    byId("by").hidden = this.view.ranking !== "window" || !(this.people_known || this.view.by === "authors");
  }

  /**
   * Focus a control, or the button "More" if the control is hidden in the menu.
   *
   * @param {"compare" | "table-switch" | "search-field"} id
   */
  focus(id) {
    (byId(id).checkVisibility() ? byId(id) : byId("more-switch")).focus();
  }

  /**
   * Fill the filter with the available choices, and with the chosen one even if it is not available now.
   *
   * @param {Choices} choices @param {View} view
   */
  setChoices(choices, view) {
    const options = JSON.stringify([choices, view]);
    // A list that the viewer has open must not change.
    if (options === this.options || document.activeElement === this.filter) return;
    this.options = options;
    // Another source or language is ranked as before: by posts or by people.
    const all = { ...DEFAULT_VIEW, by: view.by };
    this.views = [all];
    this.filter.replaceChildren(make("option", "", words.view.all));
    this.#addGroup(words.view.sources, withChosen(choices.source, view.source), (source) => ({ ...all, source }));
    this.#addGroup(words.view.langs, withChosen(choices.lang, view.lang), (lang) => ({ ...all, lang }));
    this.filter.selectedIndex = Math.max(0, this.views.findIndex((option) => sameView(option, view)));
  }

  /**
   * @param {string} label @param {[string, number][]} choices
   * @param {(name: string) => View} viewOf
   */
  #addGroup(label, choices, viewOf) {
    if (choices.length === 0) return;
    const group = make("optgroup");
    group.label = label;
    for (const [name, posts] of choices) {
      const view = viewOf(name);
      this.views.push(view);
      const label = view.lang === null ? name : languageName(name);
      group.append(make("option", "", words.view.option(label, count(posts))));
    }
    this.filter.append(group);
  }
}

/**
 * The choices and the chosen one.
 *
 * @param {[string, number][]} choices @param {string | null} chosen @returns {[string, number][]}
 */
function withChosen(choices, chosen) {
  return chosen === null || choices.some(([name]) => name === chosen) ? choices : [...choices, [chosen, 0]];
}

/** Check the radio button with a value. @param {string} group @param {string} value */
function check(group, value) {
  for (const input of /** @type {NodeListOf<HTMLInputElement>} */ (byId(group).querySelectorAll("input"))) {
    input.checked = input.value === value;
  }
}

/** A radio button for a number of bars. @param {number} size */
function sizeButton(size) {
  const input = make("input");
  input.type = "radio";
  input.name = "top";
  input.value = String(size);
  return make("label", "", input, make("span", "", count(size)));
}
