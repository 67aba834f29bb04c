/** The table with the numbers of the view "Rising": one row per tag. */

import { showBadge } from "../board/extras.js";
import { panelHash } from "../model/address.js";
import { count, factor, languageName, moment } from "../i18n/format.js";
import { setMoment } from "../ui/numbers.js";
import { byId, make, setAttribute, setTagText, setText } from "../ui/dom.js";

/** @typedef {import("../model/page_types.js").AnySnapshot} AnySnapshot */
/** @typedef {import("../model/types.js").RisingTag} RisingTag */

const COLUMNS = 8;
/** The names of the numbers in the API, by column. */
const NUMBERS = ["", "", "rising_times", "rising_authors", "rising_expected", "rising_posts", "", "rising_lang_part"];

export class RisingTable {
  constructor() {
    this.table = /** @type {HTMLTableElement} */ (byId("rising-table"));
  }

  /** Focus a tag, or the first tag if it is not in the table. @param {string} key */
  focus(key) {
    const links = [...this.table.querySelectorAll("a")];
    (links.find(({ hash }) => hash === panelHash({ name: "tag", key })) ?? links[0])?.focus();
  }

  /** @param {AnySnapshot} snapshot in the view "Rising" @param {number} now_ms @param {string | null} open */
  show(snapshot, now_ms, open) {
    const { rising } = snapshot;
    const [body] = this.table.tBodies;
    setMoment(body, snapshot);
    const tags = rising?.topics.flatMap((topic, index) => topic.tags.map((tag) => ({ topic: index + 1, tag }))) ?? [];
    while (body.rows.length > tags.length) body.deleteRow(-1);
    tags.forEach(({ topic, tag }, index) => {
      const row = body.rows[index] ?? body.appendChild(emptyRow());
      const link = /** @type {HTMLAnchorElement} */ (row.cells[1].firstChild);
      setTagText(link, tag.label);
      setAttribute(link, "href", panelHash({ name: "tag", key: tag.key }));
      setAttribute(link, "aria-current", tag.key === open ? "true" : null);
      row.classList.toggle("open", tag.key === open);
      showBadge(row.cells[1], tag);
      setAttribute(row, "data-key", tag.key);
      texts(topic, tag, now_ms).forEach((text, column) => column === 1 || setText(row.cells[column], text));
    });
  }
}

/** @param {number} topic @param {RisingTag} tag @param {number} now_ms */
function texts(topic, { times, authors, expected, posts, since_ms, lang }, now_ms) {
  return [
    String(topic),
    "",
    factor(times),
    count(authors),
    factor(expected),
    count(posts),
    moment(since_ms, now_ms),
    languageName(lang),
  ];
}

function emptyRow() {
  const cells = Array.from({ length: COLUMNS }, (_, column) => make(column === 1 ? "th" : "td"));
  cells[1].append(make("a"));
  NUMBERS.forEach((of, column) => of && setAttribute(cells[column], "data-of", of));
  setAttribute(cells[2], "data-main", "");
  setAttribute(cells[1], "scope", "row");
  return make("tr", "", ...cells);
}
