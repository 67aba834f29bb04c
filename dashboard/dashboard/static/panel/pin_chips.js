/** The pinned tags in the panel, each with the colour and dash pattern of its curve. */

import { panelHash } from "../model/address.js";
import { make, setText, setTagText } from "../ui/dom.js";
import { setNumber } from "../ui/numbers.js";
import { count } from "../i18n/format.js";
import { asOf } from "./tag_numbers.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("./tag_numbers.js").Standing} Standing */
/** @typedef {{key: string, label: string, posts: Standing | null, colour: string, dash: string}} Chip */

export class PinChips {
  /**
   * @param {HTMLElement} list @param {(key: string) => void} onRemove
   * @param {() => void} onFocusLost called when the focused chip is removed
   */
  constructor(list, onRemove, onFocusLost) {
    this.list = list;
    this.onRemove = onRemove;
    this.onFocusLost = onFocusLost;
  }

  /** Display these chips. Elements that exist are reused: the viewer may be about to press one. @param {Chip[]} chips */
  show(chips) {
    const existing = new Map([...this.list.children].map((item) => [/** @type {HTMLElement} */ (item).dataset.key, item]));
    const focused = this.list.contains(document.activeElement);
    const items = chips.map((chip) => /** @type {HTMLElement} */ (existing.get(chip.key)) ?? this.#make(chip));
    chips.forEach((chip, index) => fill(items[index], chip));
    if (items.length !== existing.size || items.some((item, index) => item !== this.list.children[index])) {
      const focus = /** @type {HTMLElement | null} */ (document.activeElement);
      this.list.replaceChildren(...items);
      // A moved element loses the focus: restore it.
      if (focused && focus && this.list.contains(focus)) focus.focus();
    }
    if (focused && !this.list.contains(document.activeElement)) this.onFocusLost();
  }

  /** @param {Chip} chip */
  #make({ key }) {
    const remove = make("button", "chip-remove", "×");
    remove.type = "button";
    remove.addEventListener("click", () => this.onRemove(key));
    const name = make("a", "chip-name");
    name.href = panelHash({ name: "tag", key });
    const chip = make("li", "chip", make("span", "chip-line"), name, make("span", "chip-posts"), remove);
    chip.dataset.key = key;
    return chip;
  }
}

/** @param {HTMLElement} item @param {Chip} chip */
function fill(item, { label, posts, colour, dash }) {
  const [, name, number, remove] = /** @type {HTMLElement[]} */ ([...item.children]);
  setTagText(name, label);
  setNumber(number, posts?.at_ms === null ? "posts" : null);
  setText(number, posts === null ? "–" : [count(posts.posts), asOf(posts)].filter(Boolean).join(" "));
  remove.ariaLabel = `${words.panel.unpin} #${label}`;
  item.dataset.dash = dash;
  item.style.setProperty("--pin", colour);
}
