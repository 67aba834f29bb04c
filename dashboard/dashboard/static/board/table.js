/** The table that holds the numbers of the board. */

import { hasRanksBefore, isCompared, postsChange, rankMark, shareOf } from "../model/changes.js";
import { panelHash } from "../model/address.js";
import { byId, make, put, putStyle, write, writeTag } from "../ui/dom.js";
import { count, moment } from "../i18n/format.js";

/** @typedef {import("../model/types.js").Event} Numbers */
/** @typedef {import("../model/types.js").EventLeader} Leader */

const COLUMNS = 7;

/** Nobody hears a table out that changes more often. */
const HIDDEN_PACE_MS = 1_000;

export class Table {
  constructor() {
    this.box = byId("twin");
    this.body = /** @type {HTMLTableElement} */ (byId("leaders")).tBodies[0];
    this.filled_ms = 0;
  }

  /** Put it in sight, in place of the board, or leave it to screen readers. @param {boolean} visible */
  toggle(visible) {
    this.box.classList.toggle("visually-hidden", !visible);
    this.filled_ms = 0;
  }

  /** Focus a tag, or the first where it is not there. @param {string} key */
  focus(key) {
    const links = [...this.body.querySelectorAll("a")];
    (links.find(({ hash }) => hash === panelHash({ name: "tag", key })) ?? links[0])?.focus();
  }

  /**
   * @param {Numbers} shown @param {number} top how many of its leaders @param {number} now_ms
   * @param {string | null} open the tag whose panel is open
   */
  show(shown, top, now_ms, open) {
    const hidden = this.box.classList.contains("visually-hidden");
    if (hidden && Math.abs(now_ms - this.filled_ms) < HIDDEN_PACE_MS) return;
    this.filled_ms = now_ms;
    const compared = hasRanksBefore(shown.top);
    this.body.parentElement?.classList.toggle("uncompared", !isCompared(shown));
    const leaders = shown.top.slice(0, top);
    while (this.body.rows.length > leaders.length) this.body.deleteRow(-1);
    leaders.forEach((leader, place) => {
      const row = this.body.rows[place] ?? this.body.appendChild(emptyRow());
      const link = /** @type {HTMLAnchorElement} */ (row.cells[1].firstChild);
      writeTag(link, leader.label);
      put(link, "href", panelHash({ name: "tag", key: leader.key }));
      put(link, "aria-current", leader.key === open ? "true" : null);
      row.classList.toggle("open", leader.key === open);
      putStyle(row, "--part", String(leader.posts / Math.max(1, shown.top[0].posts)));
      // What is out of sight is no stop of the tab key.
      put(link, "tabindex", hidden ? "-1" : null);
      texts(leader, shown, compared, now_ms).forEach((text, column) => column === 1 || write(row.cells[column], text));
    });
  }
}

/** @param {Leader} leader @param {Numbers} shown @param {boolean} compared @param {number} now_ms */
function texts(leader, shown, compared, now_ms) {
  const { rank, posts, first_seen_ms } = leader;
  return [
    String(rank),
    "",
    count(posts),
    shareOf(posts, shown.posts),
    postsChange(leader, shown.posts_before),
    rankMark(leader, compared).text,
    first_seen_ms === null ? "" : moment(first_seen_ms, now_ms),
  ];
}

function emptyRow() {
  const cells = Array.from({ length: COLUMNS }, (_, column) => make(column === 1 ? "th" : "td"));
  cells[1].append(make("a"));
  put(cells[1], "scope", "row");
  return make("tr", "", ...cells);
}
