/** The numbers of one tag, in the panel. */

import { byId, make, setText, setTagText } from "../ui/dom.js";
import { count, moment, share } from "../i18n/format.js";
import { filterLabel } from "../board/heading.js";
import { showOftenWith } from "./often_with.js";
import { asOf, heldBack, peopleOf, postsSinceStart, risingEntry, standing, takenBackOf } from "./tag_numbers.js";
import { heldBackReason, reasonOf } from "../model/rising.js";
import { takenBackSentence } from "../model/taken_back.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/page_types.js").AnySnapshot} AnySnapshot */
/** @typedef {import("../model/page_types.js").TagFacts} TagFacts */

/**
 * Display the numbers of a tag.
 *
 * @param {TagFacts} tag @param {AnySnapshot | null} snapshot of the board
 * @param {import("./tag_numbers.js").TagResponse | undefined} response @param {number} now_ms
 */
export function showTagFacts({ key, label, first_seen_ms, links, pairs = null }, snapshot, response, now_ms) {
  setTagText(byId("panel-title"), label);
  const numbers = standing(key, snapshot, response);
  const total = postsSinceStart(key, snapshot, response);
  setText(byId("tag-posts-label"), snapshot && numbers?.at_ms === null ? postsLabel(snapshot) : words.page.in_window);
  const rising = risingEntry(key, snapshot, response);
  showReason(rising, heldBack(key, snapshot, response), snapshot, now_ms);
  showTakenBack(takenBackOf(key, snapshot, response));
  setText(byId("tag-posts"), countOr(numbers ?? rising?.tag, "posts", words.panel.not_leading));
  showPeople(peopleOf(key, snapshot, response));
  setText(byId("tag-posts-at"), asOf(numbers));
  setText(byId("tag-rank"), countOr(numbers, "rank", "–"));
  setText(byId("tag-share"), numbers ? share(numbers.share) : "–");
  setText(byId("tag-total"), countOr(total, "posts", words.panel.not_leading));
  setText(byId("tag-total-at"), asOf(total));
  setText(byId("tag-first"), first_seen_ms === null ? words.panel.unknown : moment(first_seen_ms, now_ms));
  showOftenWith(pairs);
  showLinks(links);
}

/**
 * One of the numbers as text, or another text if there are none.
 *
 * @template {string} Name
 * @param {Record<Name, number> | null | undefined} numbers @param {Name} name @param {string} otherwise
 */
const countOr = (numbers, name, otherwise) => (numbers ? count(numbers[name]) : otherwise);

/**
 * Display why the tag rises, or why its rise is held back.
 *
 * @param {ReturnType<typeof risingEntry>} entry @param {ReturnType<typeof heldBack>} held
 * @param {AnySnapshot | null} snapshot @param {number} now_ms
 */
function showReason(entry, held, snapshot, now_ms) {
  byId("tag-reason").hidden = (entry ?? held) === null;
  if (entry && snapshot) setText(byId("tag-reason"), reasonOf(entry.tag, snapshot.window_seconds, now_ms));
  else if (held) setText(byId("tag-reason"), words.rising.not_listed(heldBackReason(held)));
}

/** @param {import("../model/taken_back.js").Counted | null} counted */
function showTakenBack(counted) {
  const sentence = counted && takenBackSentence(counted);
  byId("tag-taken-back").hidden = sentence === null;
  setText(byId("tag-taken-back"), sentence ?? "");
}

/** @param {ReturnType<typeof peopleOf>} numbers */
function showPeople(numbers) {
  byId("tag-people-box").hidden = numbers === null;
  if (numbers === null) return;
  setText(byId("tag-people"), count(numbers.people));
  setText(byId("tag-people-at"), asOf(numbers));
}

/** The label of the number of posts: which posts the board counts. @param {AnySnapshot} snapshot */
function postsLabel(snapshot) {
  const { ranking } = snapshot.view;
  if (ranking === "batch" || ranking === "total") return ranking === "batch" ? words.view.batch : words.view.total;
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
