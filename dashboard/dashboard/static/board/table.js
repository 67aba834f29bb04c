/** The table with the numbers of the board. */

import { emptyTagRow, focusTag, showTag } from "./tag_rows.js";
import { hasPreviousRanks, isCompared, postsChange, rankMark, shareOf } from "../model/changes.js";
import { allBefore, allOf, hasPeople, valueOf } from "../model/measure.js";
import { setMoment } from "../ui/numbers.js";
import { byId, setAttribute, setStyle, setText } from "../ui/dom.js";
import { count, moment } from "../i18n/format.js";

/** @typedef {import("../model/page_types.js").AnySnapshot} AnySnapshot */
/** @typedef {import("../model/types.js").EventLeader} Leader */

/** The names of the numbers in the API, by column. */
const NUMBERS = ["rank", "", "posts", "authors", "share", "change", "rank_change", "first_seen_ms"];

/** Update interval while the table is hidden: a screen reader can't follow a table that changes more often. */
const HIDDEN_INTERVAL_MS = 1_000;

export class Table {
  constructor() {
    this.box = byId("table-view");
    this.body = /** @type {HTMLTableElement} */ (byId("leaders")).tBodies[0];
    this.filled_ms = 0;
  }

  /** Display the table in place of the board, or leave it to screen readers. @param {boolean} visible */
  toggle(visible) {
    this.box.classList.toggle("visually-hidden", !visible);
    this.filled_ms = 0;
  }

  /** Focus a tag, or the first tag if it is not in the table. @param {string} key */
  focus(key) {
    focusTag(this.body, key);
  }

  /**
   * @param {AnySnapshot} snapshot @param {number} top how many leaders @param {number} now_ms
   * @param {string | null} open the tag whose panel is open
   */
  show(snapshot, top, now_ms, open) {
    const hidden = this.box.classList.contains("visually-hidden");
    if (hidden && Math.abs(now_ms - this.filled_ms) < HIDDEN_INTERVAL_MS) return;
    this.filled_ms = now_ms;
    const compared = hasPreviousRanks(snapshot.top);
    const is_compared = isCompared({ top: snapshot.top, posts_before: allBefore(snapshot) });
    this.body.parentElement?.classList.toggle("uncompared", !is_compared);
    this.body.parentElement?.classList.toggle("without-people", !hasPeople(snapshot));
    const leaders = snapshot.top.slice(0, top);
    setMoment(this.body, snapshot);
    while (this.body.rows.length > leaders.length) this.body.deleteRow(-1);
    leaders.forEach((leader, place) => {
      const row = this.body.rows[place] ?? this.body.appendChild(emptyTagRow(NUMBERS));
      const link = showTag(row, leader, open);
      setStyle(row, "--part", String(valueOf(leader, snapshot) / Math.max(1, valueOf(snapshot.top[0], snapshot))));
      // Links of a hidden table are no stops of the tab key.
      setAttribute(link, "tabindex", hidden ? "-1" : null);
      texts(leader, snapshot, compared, now_ms).forEach((text, column) => column === 1 || setText(row.cells[column], text));
    });
  }
}

/** @param {Leader} leader @param {AnySnapshot} snapshot @param {boolean} compared @param {number} now_ms */
function texts(leader, snapshot, compared, now_ms) {
  const { rank, posts, authors, first_seen_ms } = leader;
  return [
    String(rank),
    "",
    count(posts),
    authors === null ? "" : count(authors),
    shareOf(valueOf(leader, snapshot), allOf(snapshot)),
    postsChange(leader, allBefore(snapshot)),
    rankMark(leader, compared).text,
    first_seen_ms === null ? "" : moment(first_seen_ms, now_ms),
  ];
}
