/** The numbers of one tag, in the panel. */

import { byId, make, setText, setTagText } from "../ui/dom.js";
import { count, moment, share } from "../i18n/format.js";
import { filterLabel } from "../board/heading.js";
import { asOf, postsSinceStart, standing } from "./tag_numbers.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/page_types.js").AnySnapshot} AnySnapshot */
/** @typedef {import("../model/page_types.js").TagFacts} TagFacts */

/**
 * Display the numbers of a tag.
 *
 * @param {TagFacts} tag @param {AnySnapshot | null} snapshot of the board
 * @param {import("./tag_numbers.js").TagResponse | undefined} response @param {number} now_ms
 */
export function showTagFacts({ key, label, first_seen_ms, links }, snapshot, response, now_ms) {
  setTagText(byId("panel-title"), label);
  const numbers = standing(key, snapshot, response);
  const total = postsSinceStart(key, snapshot, response);
  setText(byId("tag-posts-label"), snapshot && numbers?.at_ms === null ? postsLabel(snapshot) : words.page.in_window);
  setText(byId("tag-posts"), numbers ? count(numbers.posts) : words.panel.not_leading);
  setText(byId("tag-posts-at"), asOf(numbers));
  setText(byId("tag-rank"), numbers ? count(numbers.rank) : "–");
  setText(byId("tag-share"), numbers ? share(numbers.share) : "–");
  setText(byId("tag-total"), total ? count(total.posts) : words.panel.not_leading);
  setText(byId("tag-total-at"), asOf(total));
  setText(byId("tag-first"), first_seen_ms === null ? words.panel.unknown : moment(first_seen_ms, now_ms));
  showLinks(links);
}

/** The label of the number of posts: which posts the board counts. @param {AnySnapshot} snapshot */
function postsLabel(snapshot) {
  const { ranking } = snapshot.view;
  if (ranking !== "window") return ranking === "batch" ? words.view.batch : words.view.total;
  return [words.page.in_window, filterLabel(snapshot)].filter(Boolean).join(" · ");
}

/**
 * Links that did not change stay in the document: the viewer may be about to follow one.
 *
 * @param {TagFacts["links"]} links
 */
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
