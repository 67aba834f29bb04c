/** One row of the board: the texts beside a tag's bar. */

import { panelHash } from "../model/address.js";
import { Extras } from "./extras.js";
import { countedPanes, postsChange, rankMark, shareOf } from "../model/changes.js";
import { allOf, isByPeople, otherValueOf, valueOf } from "../model/measure.js";
import { setMoment, setNumber } from "../ui/numbers.js";
import { make, setAttribute, setStyle, setText, setTagText } from "../ui/dom.js";
import { count } from "../i18n/format.js";
import { Sparkline } from "../ui/sparkline.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/page_types.js").Placed} Placed */
/** @typedef {import("../model/page_types.js").AnySnapshot} AnySnapshot */

/**
 * What a row must know besides its own tag. `compared`: does any tag have a previous rank? `all_before`: all posts of the
 * previous period, 0 if nothing is compared. `widthOf`: the width of a text in the font of the tags, in em.
 * @typedef {import("./board.js").BoardOptions &
 *   {snapshot: AnySnapshot, compared: boolean, all_before: number | null, widthOf: (text: string) => number}} Context
 */

export class Row {
  /** @param {number} slot */
  constructor(slot) {
    this.key = "";
    this.rank = make("span", "rank");
    this.mark = make("span", "mark");
    this.tag = make("a", "tag");
    /** The number that the tag has its rank by, and the other one: posts, and people if they are known. */
    this.posts = make("span", "posts");
    this.posts.dataset.main = "";
    this.other = make("span", "other");
    this.share = make("span", "share");
    this.change = make("span", "change");
    this.spark = new Sparkline("spark");
    this.pin = make("button", "pin");
    this.pin.type = "button";
    this.pin.tabIndex = this.tag.tabIndex = -1;
    this.element = make("li", "row");
    this.extras = new Extras(this.element);
    const numbers = [this.posts, this.other, this.share, this.change];
    const { rank, mark, tag, extras, spark, pin } = this;
    this.element.append(rank, mark, tag, extras.element, ...numbers, spark.element, pin);
    this.element.id = `row-${slot}`;
  }

  /** @param {Placed} leader @param {Context} context */
  fill(leader, { snapshot, compared, all_before, colours, pins_full, open, widthOf }) {
    if (this.key !== leader.key) this.tag.href = panelHash({ name: "tag", key: leader.key });
    this.key = leader.key;
    setTagText(this.tag, leader.label);
    setAttribute(this.tag, "aria-current", leader.key === open ? "true" : null);
    this.element.classList.toggle("open", leader.key === open);
    this.extras.fill(leader, widthOf);
    setText(this.rank, leader.known ? String(leader.rank) : "–");
    this.#fillMark(leader, compared);
    const value = valueOf(leader, snapshot);
    const other = otherValueOf(leader, snapshot);
    setText(this.posts, count(value));
    setText(this.other, other === null ? "" : count(other));
    setText(this.share, shareOf(value, allOf(snapshot)));
    const change = postsChange(leader, all_before);
    setText(this.change, change);
    setAttribute(this.change, "data-kind", change.startsWith("−") ? "down" : "up");
    this.spark.show(countedPanes(leader.panes, snapshot));
    this.#fillPin(leader, colours.get(leader.key), pins_full);
    this.#markNumbers(leader, snapshot);
    if (!this.element.inert) return;
    this.element.inert = false;
    setStyle(this.element, "visibility", "");
  }

  /** @param {Placed} leader @param {AnySnapshot} snapshot */
  #markNumbers(leader, snapshot) {
    setAttribute(this.element, "data-key", leader.key);
    setMoment(this.element, snapshot);
    const [value, other] = isByPeople(snapshot) ? ["authors", "posts"] : ["posts", "authors"];
    const numbers = /** @type {[HTMLElement, string][]} */ ([
      [this.rank, "rank"], [this.mark, "rank_change"], [this.posts, value], [this.other, other], [this.share, "share"],
      [this.change, "change"],
    ]);
    for (const [part, of] of numbers) {
      // "NEW" and "–" are no numbers, and a row that has left may have those of an earlier snapshot. The archive has no
      // cards.
      setNumber(part, leader.known && !snapshot.archived && /[0-9]/.test(part.textContent ?? "") ? of : null, "-1");
    }
  }

  /** The parts of the row that the arrow keys move between. */
  get parts() {
    const { tag, pin, rank, mark, extras, posts, other, share, change } = this;
    const numbers = [rank, mark, extras.badge, posts, other, share, change].filter(({ role }) => role);
    return [tag, pin, ...[extras.more, ...numbers].filter((part) => part.checkVisibility())];
  }

  /** The part in the same column as a part of another row, or the tag. @param {HTMLElement} part */
  partLike(part) {
    return this.parts.find(({ classList }) => classList[0] === part?.classList[0]) ?? this.tag;
  }

  /** @param {Placed} leader @param {boolean} compared */
  #fillMark(leader, compared) {
    const mark = leader.left ? { kind: "left", text: words.board.out } : rankMark(leader, compared);
    setText(this.mark, mark.text);
    setAttribute(this.mark, "data-kind", mark.kind);
    setAttribute(this.mark, "title", leader.left ? words.board.out_hint : null);
    this.element.classList.toggle("left", leader.left);
    this.element.classList.toggle("member", Boolean(leader.is_member));
  }

  /** @param {Placed} leader @param {string | undefined} colour @param {boolean} pins_full */
  #fillPin({ label }, colour, pins_full) {
    const pinned = colour !== undefined;
    const disabled = !pinned && pins_full;
    const name = disabled ? words.board.pins_full : words.board.pin(`#${label}`);
    setAttribute(this.pin, "aria-pressed", String(pinned));
    setAttribute(this.pin, "disabled", disabled ? "" : null);
    setAttribute(this.pin, "aria-label", name);
    setAttribute(this.pin, "title", name);
    setStyle(this.element, "--pin", colour ?? "");
  }

  /** Move to the place of `leader`; a new row is hidden until it has its texts. @param {Placed} leader */
  moveTo({ key, place }) {
    this.#setPlace(place);
    if (this.element.inert && this.key !== key) setStyle(this.element, "visibility", "hidden");
  }

  /** @param {number} place */
  #setPlace(place) {
    const transform = `translateY(${(place - 1) * 100}%)`;
    if (this.element.style.transform !== transform) this.element.style.transform = transform;
  }

  /** Move to a hidden place. @param {number} place */
  leave(place) {
    this.#setPlace(place);
    if (!this.element.inert) this.element.inert = true;
  }
}
