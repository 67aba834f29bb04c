/** The hashtags that most often are in the same post, in the panel. */

import { panelHash } from "../model/address.js";
import { clockTime, count } from "../i18n/format.js";
import { setMoment, setNumber } from "../ui/numbers.js";
import { byId, make, setAttribute, setTagText, setText } from "../ui/dom.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/types.js").TagPairs} Pairs */

/**
 * Links that exist are reused: the viewer may be about to follow one.
 *
 * @param {Pairs | null} pairs @param {import("../model/numbers.js").Moment | null} moment of the answer
 */
export function showOftenWith(pairs, moment) {
  const tags = pairs?.tags ?? [];
  byId("often-with-box").hidden = tags.length === 0;
  if (pairs === null || tags.length === 0) return;
  const list = byId("often-with");
  while (list.children.length > tags.length) list.lastElementChild?.remove();
  tags.forEach(({ key, label, posts }, index) => {
    const item = list.children[index] ?? list.appendChild(make("li", "", make("a"), " ", make("span")));
    const [link, number] = /** @type {[HTMLAnchorElement, HTMLElement]} */ ([...item.children]);
    setTagText(link, label);
    setAttribute(link, "href", panelHash({ name: "tag", key }));
    setText(number, count(posts));
    setAttribute(number, "data-other", key);
    setAttribute(number, "data-main", "");
    setNumber(number, moment && "pair_posts");
    if (moment) setMoment(number, moment);
  });
  const texts = words.often_with;
  setText(byId("often-with-note"), (pairs.is_exact ? texts.at : texts.at_least)(clockTime(pairs.at_ms)));
}
