/** The numbers of one tag, in the panel. */

import { byId, make, write, writeTag } from "../ui/dom.js";
import { count, moment, share } from "../i18n/format.js";
import { choiceOf } from "../board/heading.js";
import { asOf, sinceStart, standing } from "./tag_numbers.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/types.js").Event} Numbers */
/** @typedef {import("../model/page_types.js").TagFacts} TagFacts */

/**
 * @param {TagFacts} tag @param {Numbers | null} shown on the board
 * @param {import("./tag_numbers.js").Answer | undefined} answer @param {number} now_ms
 */
export function showFacts({ key, label, first_seen_ms, links }, shown, answer, now_ms) {
  writeTag(byId("panel-title"), label);
  const now = standing(key, shown, answer);
  const total = sinceStart(key, shown, answer);
  write(byId("tag-in"), shown && now?.at_ms === null ? counted(shown) : words.page.in_window);
  write(byId("tag-posts"), now ? count(now.posts) : words.panel.not_leading);
  write(byId("tag-posts-at"), asOf(now));
  write(byId("tag-rank"), now ? count(now.rank) : "–");
  write(byId("tag-share"), now ? share(now.share) : "–");
  write(byId("tag-total"), total ? count(total.posts) : words.panel.not_leading);
  write(byId("tag-total-at"), asOf(total));
  write(byId("tag-first"), first_seen_ms === null ? words.panel.not_known : moment(first_seen_ms, now_ms));
  showLinks(links);
}

/** Which posts are counted on the board. @param {Numbers} shown */
function counted(shown) {
  const { ranking } = shown.view;
  if (ranking !== "window") return ranking === "batch" ? words.view.batch : words.view.total;
  return [words.page.in_window, choiceOf(shown)].filter(Boolean).join(" · ");
}

/** Those that stay the same are left alone: somebody may be about to follow one. @param {TagFacts["links"]} links */
function showLinks(links) {
  const list = byId("tag-links");
  const urls = links.map(({ url }) => url).join("\n");
  if (list.dataset.urls === urls) return;
  list.dataset.urls = urls;
  list.replaceChildren(...links.map(platformLink));
}

/** @param {{source: string, url: string}} link */
function platformLink({ source, url }) {
  const link = make("a", "", words.panel.link(source));
  link.href = url;
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  return make("li", "", link);
}
