/** Rows of tables that have a tag each: a link to its panel in the second cell, and numbers that have a card. */

import { panelHash } from "../model/address.js";
import { make, setAttribute, setTagText } from "../ui/dom.js";
import { showBadge } from "./extras.js";

/**
 * A row without a tag.
 * @param {string[]} numbers the names of the numbers in the API, by column; "" where a column has none
 */
export function emptyTagRow(numbers) {
  const cells = numbers.map((_, column) => make(column === 1 ? "th" : "td"));
  cells[1].append(make("a"));
  // These cells are no stops of the tab key: the key "i" on the link opens the card, which offers all of them.
  numbers.forEach((of, column) => of && setAttribute(cells[column], "data-of", of));
  setAttribute(cells[2], "data-main", "");
  setAttribute(cells[1], "scope", "row");
  return make("tr", "", ...cells);
}

/**
 * Name the tag of a row.
 * @param {HTMLTableRowElement} row @param {Parameters<typeof showBadge>[1] & { key: string, label: string }} tag
 * @param {string | null} open the tag whose panel is open
 * @returns {HTMLAnchorElement} the link
 */
export function showTag(row, tag, open) {
  const link = /** @type {HTMLAnchorElement} */ (row.cells[1].firstChild);
  setTagText(link, tag.label);
  setAttribute(link, "href", panelHash({ name: "tag", key: tag.key }));
  setAttribute(link, "aria-current", tag.key === open ? "true" : null);
  row.classList.toggle("open", tag.key === open);
  showBadge(row.cells[1], tag);
  setAttribute(row, "data-key", tag.key);
  return link;
}

/** Focus the link of a tag, or the first one if the tag has no row. @param {HTMLElement} table @param {string} key */
export function focusTag(table, key) {
  const links = [...table.querySelectorAll("a")];
  (links.find(({ hash }) => hash === panelHash({ name: "tag", key })) ?? links[0])?.focus();
}
