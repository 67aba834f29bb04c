/** The pinned tags in the panel, each with the look of its curve. */

import { panelHash } from "../model/address.js";
import { make, write, writeTag } from "../ui/dom.js";
import { count } from "../i18n/format.js";
import { asOf } from "./tag_numbers.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("./tag_numbers.js").Standing} Standing */
/** @typedef {{key: string, label: string, posts: Standing | null, colour: string, dash: string}} Chip */

export class Chips {
  /**
   * @param {HTMLElement} list @param {(key: string) => void} onRemove
   * @param {() => void} onLost called when the chip that had the focus is gone
   */
  constructor(list, onRemove, onLost) {
    this.list = list;
    this.onRemove = onRemove;
    this.onLost = onLost;
  }

  /** Those that are there already stay: somebody may be about to press one. @param {Chip[]} chips */
  show(chips) {
    const there = new Map([...this.list.children].map((item) => [/** @type {HTMLElement} */ (item).dataset.key, item]));
    const focused = this.list.contains(document.activeElement);
    const items = chips.map((chip) => /** @type {HTMLElement} */ (there.get(chip.key)) ?? this.#make(chip));
    chips.forEach((chip, at) => fill(items[at], chip));
    if (items.length !== there.size || items.some((item, at) => item !== this.list.children[at])) {
      const focus = /** @type {HTMLElement | null} */ (document.activeElement);
      this.list.replaceChildren(...items);
      // Whoever stood on a chip stands on it still.
      if (focused && focus && this.list.contains(focus)) focus.focus();
    }
    if (focused && !this.list.contains(document.activeElement)) this.onLost();
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
  writeTag(name, label);
  write(number, posts === null ? "–" : [count(posts.posts), asOf(posts)].filter(Boolean).join(" "));
  remove.ariaLabel = `${words.panel.unpin} #${label}`;
  item.dataset.dash = dash;
  item.style.setProperty("--pin", colour);
}
