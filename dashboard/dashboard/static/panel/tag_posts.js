/** The newest posts with a hashtag, in the panel. They are requested every two seconds: a deleted post must disappear. */

import { panelHash } from "../model/address.js";
import { partsOf, webAddress } from "../model/post_text.js";
import { ApiError, catchApiError, tagPosts } from "../net/api.js";
import { exactMoment } from "../i18n/format.js";
import { byId, make, setTextWithQuotes } from "../ui/dom.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/types.js").SamplePost} SamplePost */

const REQUEST_EVERY_MS = 2_000;
/** Without an answer for this time the posts disappear: nobody knows whether they were deleted. */
const UNKNOWN_AFTER_MS = 8_000;

export class TagPosts {
  constructor() {
    this.list = byId("tag-posts-list");
    /** The hashtag whose posts are displayed; null for none. @type {string | null} */
    this.key = null;
    /** Identifies what is displayed: posts that did not change stay in the document. */
    this.displayed = "";
    this.requested_at_ms = -Infinity;
    this.answered_at_ms = -Infinity;
    /** Numbers of the last request, and of the newest one with a response: one of an older request is ignored. */
    this.request_number = 0;
    this.answered_number = 0;
  }

  /** Display the posts of another hashtag, or none with null. @param {string | null} key @param {number} now_ms */
  show(key, now_ms) {
    if (key === this.key) return;
    this.key = key;
    this.requested_at_ms = -Infinity;
    this.answered_at_ms = now_ms;
    this.#fill([], words.panel.loading, now_ms);
    void this.tick(now_ms);
  }

  /** Request the posts again, if it is time. Call it about once a second. @param {number} now_ms */
  async tick(now_ms) {
    const { key } = this;
    if (key === null) return;
    // A request that hangs fails only later.
    if (this.list.childElementCount > 0 && now_ms - this.answered_at_ms >= UNKNOWN_AFTER_MS) {
      this.#fill([], words.panel.no_response, now_ms);
    }
    if (now_ms - this.requested_at_ms < REQUEST_EVERY_MS) return;
    this.requested_at_ms = now_ms;
    const request_number = ++this.request_number;
    const answer = await tagPosts(key).catch(catchApiError);
    // The viewer may have opened another panel, and a newer request may have its response already.
    if (key !== this.key || request_number < this.answered_number) return;
    this.answered_number = request_number;
    this.#onAnswer(answer, now_ms);
  }

  /** @param {Awaited<ReturnType<typeof tagPosts>> | ApiError} answer @param {number} now_ms when it was requested */
  #onAnswer(answer, now_ms) {
    if (!(answer instanceof ApiError)) {
      const { posts, why_none } = answer;
      this.answered_at_ms = now_ms;
      this.#fill(posts, posts.length ? "" : words.posts_of_tag.none[why_none ?? "none yet"], now_ms);
    } else if (answer.not_found || now_ms - this.answered_at_ms >= UNKNOWN_AFTER_MS) {
      this.#fill([], answer.message, now_ms, answer.from_server ? [answer.message] : []);
    }
  }

  /**
   * @param {SamplePost[]} posts newest first @param {string} note why there are none @param {number} now_ms
   * @param {string[]} [quotes] the parts of the note that are the server's
   */
  #fill(posts, note, now_ms, quotes = []) {
    setTextWithQuotes(byId("tag-posts-note"), note, quotes);
    byId("tag-posts-note").hidden = note === "";
    const shown = JSON.stringify([posts, new Date(now_ms).getDate()]);
    if (shown === this.displayed) return;
    this.displayed = shown;
    const focused = this.list.contains(document.activeElement);
    this.list.replaceChildren(...posts.map((post) => makePost(post, now_ms)));
    if (focused) byId("panel-title").focus();
  }
}

/** All of it is inserted as text. @param {SamplePost} post @param {number} now_ms */
function makePost({ text, tags, at_ms, source, lang, url }, now_ms) {
  const parts = partsOf(text, tags).map((part) => (part.key === null ? part.text : tagLink(part.text, part.key)));
  const body = make("p", "post-text", ...parts);
  body.dir = "auto";
  if (lang !== "und") body.lang = lang;
  const time = make("time", "", exactMoment(at_ms, now_ms));
  time.dateTime = new Date(at_ms).toISOString();
  return make("li", "post", body, make("p", "post-facts", time, " · ", originalLink(url, source)));
}

/** @param {string} text with the # @param {string} key */
function tagLink(text, key) {
  const link = make("a", "", text);
  link.href = panelHash({ name: "tag", key });
  return link;
}

/**
 * A link to the original, or the name of the source if it has no web address.
 *
 * @param {string | null} url @param {string} source
 */
function originalLink(url, source) {
  const address = webAddress(url);
  if (address === null) return make("span", "", source);
  const link = make("a", "", words.panel.link(source));
  link.href = address;
  link.target = "_blank";
  link.rel = "noopener nofollow";
  return link;
}
