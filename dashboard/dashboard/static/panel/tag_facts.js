/** The numbers of one tag, in the panel. */

import { DEFAULT_VIEW } from "../model/address.js";
import { setMoment, setNumber } from "../ui/numbers.js";
import { byId, make, setAttribute, setText, setTagText } from "../ui/dom.js";
import { count, moment, share } from "../i18n/format.js";
import { filterLabel } from "../board/heading.js";
import { showOftenWith } from "./often_with.js";
import { asOf, heldBack, peopleOf, postsSinceStart, risingEntry, standing, takenBackOf } from "./tag_numbers.js";
import { heldBackReason, reasonOf } from "../model/rising.js";
import { takenBackSentence } from "../model/taken_back.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/page_types.js").AnySnapshot} AnySnapshot */
/** @typedef {import("../model/page_types.js").TagFacts} TagFacts */
/** @typedef {import("../model/numbers.js").Moment} Moment */
/** @typedef {(number: {at_ms: number | null} | null) => Moment | null} MomentOf the snapshot of a number */

/**
 * Display the numbers of a tag.
 *
 * @param {TagFacts} tag @param {AnySnapshot | null} snapshot of the board
 * @param {import("./tag_numbers.js").TagResponse | undefined} response @param {number} now_ms
 */
export function showTagFacts({ key, label, first_seen_ms, links, pairs = null }, snapshot, response, now_ms) {
  setTagText(byId("panel-title"), label);
  setAttribute(byId("panel-body"), "data-key", key);
  const of_response = momentOfResponse(response, snapshot);
  /** @type {MomentOf} */
  const momentOf = (number) => number && (number.at_ms === null ? snapshot : of_response);
  const rising = risingEntry(key, snapshot, response);
  const numbers = standing(key, snapshot, response);
  showReason(rising, heldBack(key, snapshot, response), snapshot, now_ms);
  showTakenBack(takenBackOf(key, snapshot, response), momentOf(numbers) ?? snapshot);
  setText(byId("tag-posts-label"), snapshot && numbers?.at_ms === null ? postsLabel(snapshot) : words.page.in_window);
  if (numbers === null && rising) showNumber("tag-posts", rising.tag, "posts", "rising_posts", snapshot);
  else showNumber("tag-posts", numbers, "posts", "posts", momentOf(numbers));
  showStanding(numbers, momentOf(numbers));
  showPeople(peopleOf(key, snapshot, response), numbers === null && rising !== null, momentOf);
  const total = postsSinceStart(key, snapshot, response);
  showNumber("tag-total", total, "posts", "total_posts", momentOf(total));
  setText(byId("tag-total-at"), asOf(total));
  showFirstSeen(first_seen_ms, now_ms);
  showOftenWith(pairs, of_response);
  showLinks(links);
}

/** Rank and share. @param {import("./tag_numbers.js").Standing | null} numbers @param {Moment | null} its */
function showStanding(numbers, its) {
  setText(byId("tag-posts-at"), asOf(numbers));
  showNumber("tag-rank", numbers, "rank", "rank", its, "–");
  showNumber("tag-share", numbers, "share", "share", its, "–");
}

/** @param {number | null} first_seen_ms @param {number} now_ms */
function showFirstSeen(first_seen_ms, now_ms) {
  setText(byId("tag-first"), first_seen_ms === null ? words.panel.unknown : moment(first_seen_ms, now_ms));
  setNumber(byId("tag-first"), first_seen_ms === null ? null : "first_seen_ms");
}

/**
 * @param {ReturnType<typeof peopleOf>} people @param {boolean} of_rising from the list of Rising?
 * @param {MomentOf} momentOf
 */
function showPeople(people, of_rising, momentOf) {
  byId("tag-people-box").hidden = people === null;
  showNumber("tag-people", people, "people", of_rising ? "rising_authors" : "authors", momentOf(people));
  setText(byId("tag-people-at"), asOf(people));
}

/**
 * The snapshot from which the dashboard answered; null if that is not known.
 *
 * @param {import("./tag_numbers.js").TagResponse | undefined} response @param {AnySnapshot | null} snapshot of the board
 * @returns {Moment | null}
 */
function momentOfResponse(response, snapshot) {
  const { epoch = null, seq = null, window } = response?.facts ?? {};
  if (epoch === null || seq === null || snapshot === null) return null;
  return { epoch, seq, to_ms: window?.to_ms ?? snapshot.to_ms, view: DEFAULT_VIEW };
}

/**
 * One of the numbers with its card, or another text if there are none.
 *
 * @template {string} Name
 * @param {string} id @param {Record<Name, number> | null} numbers @param {Name} name @param {string} of its name in the API
 * @param {Moment | null} its the snapshot of the number; null if it is not known, then there is no card
 * @param {string} [otherwise]
 */
function showNumber(id, numbers, name, of, its, otherwise = words.panel.not_leading) {
  const format = name === "share" ? share : count;
  const element = byId(id);
  setText(element, numbers ? format(numbers[name]) : otherwise);
  setNumber(element, numbers && its && of);
  if (its) setMoment(element, its);
}

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

/** @param {import("../model/taken_back.js").Counted | null} counted @param {Moment | null} its */
function showTakenBack(counted, its) {
  const sentence = counted && takenBackSentence(counted);
  byId("tag-taken-back").hidden = sentence === null;
  setText(byId("tag-taken-back"), sentence ?? "");
  setNumber(byId("tag-taken-back"), its && "taken_back_part");
  if (its) setMoment(byId("tag-taken-back"), its);
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
