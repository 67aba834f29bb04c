/** The table with the numbers of the view "Rising": one row per tag. */

import { emptyTagRow, focusTag, showTag } from "../board/tag_rows.js";
import { count, factor, languageName, moment } from "../i18n/format.js";
import { setMoment } from "../ui/numbers.js";
import { byId, setText } from "../ui/dom.js";

/** @typedef {import("../model/page_types.js").AnySnapshot} AnySnapshot */
/** @typedef {import("../model/types.js").RisingTag} RisingTag */

/** The names of the numbers in the API, by column. */
const NUMBERS = ["", "", "rising_times", "rising_authors", "rising_expected", "rising_posts", "", "rising_lang_part"];

export class RisingTable {
  constructor() {
    this.table = /** @type {HTMLTableElement} */ (byId("rising-table"));
  }

  /** Focus a tag, or the first tag if it is not in the table. @param {string} key */
  focus(key) {
    focusTag(this.table, key);
  }

  /** @param {AnySnapshot} snapshot in the view "Rising" @param {number} now_ms @param {string | null} open */
  show(snapshot, now_ms, open) {
    const { rising } = snapshot;
    const [body] = this.table.tBodies;
    setMoment(body, snapshot);
    const tags = rising?.topics.flatMap((topic, index) => topic.tags.map((tag) => ({ topic: index + 1, tag }))) ?? [];
    while (body.rows.length > tags.length) body.deleteRow(-1);
    tags.forEach(({ topic, tag }, index) => {
      const row = body.rows[index] ?? body.appendChild(emptyTagRow(NUMBERS));
      showTag(row, tag, open);
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
