/** The banner: the worst alarm, at the top of the page, in its title and in its icon, until it is over. */

import { alarmsOf } from "./alarms.js";
import { placeBanner, setRootStyle } from "./banner_place.js";
import { byId, setAttribute, setText, setTextWithQuotes } from "../ui/dom.js";
import { count } from "../i18n/format.js";
import { serverQuotes } from "../model/server_texts.js";
import { setTitleAlarm } from "../ui/page_title.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/page_types.js").Snapshot} Snapshot */
/** @typedef {import("../model/types.js").Refusal} Refusal */
/** @typedef {import("../model/pipeline_state.js").State} State */
/** @typedef {import("./alarms.js").Alarm} Alarm */

/** A notice, which is no alarm, disappears after this time. */
const NOTICE_MS = 20_000;
/** The icon is in the script, since it must be available while the dashboard can't be reached. */
const ICON = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#b3261e"/>' +
    '<g fill="#fff"><rect x="13" y="5" width="6" height="15" rx="2"/><circle cx="16" cy="25" r="3"/></g></svg>',
)}`;

export class Banner {
  constructor() {
    this.element = byId("banner");
    this.live_region = byId("banner-spoken");
    this.icon = /** @type {HTMLLinkElement} */ (document.querySelector("link[rel=icon]"));
    this.default_icon = this.icon.getAttribute("href");
    /** Key of the alarm that was spoken. */
    this.spoken_key = "";
    /**
     * A text that is no alarm, and until when it is displayed.
     *
     * @type {{title: string, sentence: string, until_ms: number} | null}
     */
    this.notice = null;
    const observer = new ResizeObserver(() => this.#updatePlace());
    for (const element of [document.documentElement, this.element]) observer.observe(element);
  }

  /**
   * Display a notice, which is no alarm, for `NOTICE_MS`.
   *
   * @param {string} title @param {string} text @param {number} now_ms monotonic
   */
  showNotice(title, text, now_ms) {
    this.notice = { title, sentence: text, until_ms: now_ms + NOTICE_MS };
  }

  /** Remove the notice. */
  clearNotice() {
    this.notice = null;
  }

  /**
   * @param {State} state @param {Snapshot | null} snapshot @param {Refusal | null} refused
   * @param {number} now_ms monotonic
   */
  show(state, snapshot, refused, now_ms) {
    const alarms = alarmsOf(state, snapshot);
    if (this.notice && now_ms > this.notice.until_ms) this.notice = null;
    const [worst] = alarms;
    const message = worst ?? this.notice;
    const { element } = this;
    element.hidden = !message;
    setAttribute(element, "data-kind", worst ? "alarm" : "note");
    if (message) {
      setText(byId("banner-title"), message.title);
      const quotes = worst ? serverQuotes(snapshot, refused) : [message.sentence];
      setTextWithQuotes(byId("banner-sentence"), message.sentence, quotes);
    }
    setText(byId("banner-more"), alarms.length > 1 ? words.alarm.more(count(alarms.length - 1), alarms.length - 1) : "");
    byId("strip").classList.toggle("shown-in-banner", worst?.key === state.name);
    this.#announce(worst);
    this.#updatePlace();
  }

  /** Update the title and the icon, and speak each alarm once to screen readers. @param {Alarm | undefined} worst */
  #announce(worst) {
    setTitleAlarm(worst ? worst.title : null);
    setAttribute(this.icon, "href", worst ? ICON : this.default_icon);
    const key = worst?.key ?? "";
    if (key === this.spoken_key) return;
    this.spoken_key = key;
    setText(this.live_region, worst ? `${worst.title}. ${worst.sentence}` : "");
  }

  /** Parts that stay visible while the page scrolls are below the banner: the style sheet needs its height. */
  #updatePlace() {
    if (!this.element.hidden) placeBanner(this.element);
    setRootStyle("--banner", this.element.hidden ? "0px" : "var(--banner-room)");
  }
}
