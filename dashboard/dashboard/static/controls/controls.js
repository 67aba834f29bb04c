/** The switches: ranking, bars, choice of posts, table. They show what the address says, and tell what is chosen. */

import { sameView } from "../model/address.js";
import { byId, make, write } from "../ui/dom.js";
import { count, languageName, lastMinutes } from "../i18n/format.js";
import { prepareMenu } from "./small_screen_menu.js";
import { pinned } from "../model/pins.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/types.js").View} View */
/** @typedef {import("../model/page_types.js").Ranking} Ranking */
/** @typedef {import("../model/types.js").Choices} Choices */
/** @typedef {import("../model/address.js").Address} Address */

export class Controls {
  /** @param {number[]} sizes how many bars can be asked for @param {(part: Partial<Address>) => void} onChange */
  constructor(sizes, onChange) {
    this.filter = /** @type {HTMLSelectElement} */ (byId("filter"));
    this.table = byId("table-switch");
    this.compare = byId("compare");
    prepareMenu();
    this.offered = "";
    /** @type {View[]} by option of the filter */
    this.views = [];
    byId("top").append(...sizes.map(segment));
    byId("ranking").addEventListener("change", ({ target }) => {
      const ranking = /** @type {Ranking} */ (/** @type {HTMLInputElement} */ (target).value);
      onChange({ view: { ranking, source: null, lang: null }, at_ms: null });
    });
    byId("top").addEventListener("change", ({ target }) => {
      onChange({ top: Number(/** @type {HTMLInputElement} */ (target).value) });
    });
    this.filter.addEventListener("change", () => onChange({ view: this.views[this.filter.selectedIndex], at_ms: null }));
    this.table.addEventListener("click", () => onChange({ table: this.table.ariaPressed !== "true" }));
  }

  /** @param {Address} address @param {number} top bars */
  show({ view, table, pins }, top) {
    check("ranking", view.ranking);
    check("top", String(top));
    this.table.ariaPressed = String(table);
    this.compare.hidden = pinned(pins).length === 0;
    write(this.compare, words.panel.compare(count(pinned(pins).length)));
  }

  /** The window by its length, once that is known. @param {number} seconds */
  nameWindow(seconds) {
    write(byId("ranking-window"), lastMinutes(seconds));
  }

  /** Focus a control, or the button of the menu where that hides it. @param {"compare" | "table-switch"} id */
  focus(id) {
    (byId(id).checkVisibility() ? byId(id) : byId("more-switch")).focus();
  }

  /** Offer what there is, and what is chosen even if it isn't there now. @param {Choices} choices @param {View} view */
  offer(choices, view) {
    const offered = JSON.stringify([choices, view]);
    // A list that somebody has open must not change under the hand.
    if (offered === this.offered || document.activeElement === this.filter) return;
    this.offered = offered;
    this.views = [{ ranking: "window", source: null, lang: null }];
    this.filter.replaceChildren(make("option", "", words.view.all));
    this.#group(words.view.sources, withChosen(choices.source, view.source), (source) => ({ source, lang: null }));
    this.#group(words.view.langs, withChosen(choices.lang, view.lang), (lang) => ({ source: null, lang }));
    this.filter.selectedIndex = Math.max(0, this.views.findIndex((one) => sameView(one, view)));
  }

  /**
   * @param {string} label @param {[string, number][]} choices
   * @param {(name: string) => {source: string | null, lang: string | null}} filterOf
   */
  #group(label, choices, filterOf) {
    if (choices.length === 0) return;
    const group = make("optgroup");
    group.label = label;
    for (const [name, posts] of choices) {
      const filter = filterOf(name);
      this.views.push({ ranking: "window", ...filter });
      const shown = filter.lang === null ? name : languageName(name);
      group.append(make("option", "", words.view.choice(shown, count(posts))));
    }
    this.filter.append(group);
  }
}

/** @param {[string, number][]} choices @param {string | null} chosen @returns {[string, number][]} */
function withChosen(choices, chosen) {
  return chosen === null || choices.some(([name]) => name === chosen) ? choices : [...choices, [chosen, 0]];
}

/** @param {string} group @param {string} value */
function check(group, value) {
  for (const input of /** @type {NodeListOf<HTMLInputElement>} */ (byId(group).querySelectorAll("input"))) {
    input.checked = input.value === value;
  }
}

/** @param {number} size */
function segment(size) {
  const input = make("input");
  input.type = "radio";
  input.name = "top";
  input.value = String(size);
  return make("label", "", input, make("span", "", count(size)));
}
