/** Alarms: the worst stands at the top of the page, in its title and in its icon, until it is over. */

import { placeBanner, set } from "./banner_place.js";
import { byId, put, write, writeQuoting } from "../ui/dom.js";
import { count } from "../i18n/format.js";
import { quotes, sentence, trouble } from "../model/pipeline_state.js";
import { markTitle } from "../ui/page_title.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/page_types.js").Snapshot} Snapshot */
/** @typedef {import("../model/types.js").Refusal} Refusal */
/** @typedef {import("../model/pipeline_state.js").State} State */
/** @typedef {{key: string, title: string, sentence: string}} Alarm */

/** The states that are alarms, the worst first. */
const WORST_FIRST = ["disconnected", "stopped", "ingest-away", "refused", "retrying", "behind"];
/** A note that is no alarm goes by itself. */
const NOTE_MS = 20_000;
/** Drawn here, since it must be there when the dashboard is away. */
const ICON = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#b3261e"/>' +
    '<g fill="#fff"><rect x="13" y="5" width="6" height="15" rx="2"/><circle cx="16" cy="25" r="3"/></g></svg>',
)}`;

/** Is this state an alarm? @param {string} name */
export const isAlarm = (name) => WORST_FIRST.includes(name);

/**
 * All that is wrong, the worst first. Who hears nothing of the job knows nothing of the rest. Pure.
 *
 * @param {State} state @param {Snapshot | null} snapshot @returns {Alarm[]}
 */
export function alarmsOf(state, snapshot) {
  const alarms = isAlarm(state.name) ? [{ key: state.name, title: state.title, sentence: state.sentence }] : [];
  if (snapshot === null || state.stale || state.name === "ingest-away") return alarms;
  const { ingest, relay } = snapshot.health;
  alarms.push(...ofSources(ingest.sources).filter((alarm) => alarm.sentence !== state.sentence));
  if (ingest.track_error) alarms.push({ key: "track", title: words.page.track, sentence: sentence(ingest.track_error) });
  if (relay) alarms.push({ key: "relay", title: words.page.relay, sentence: sentence(relay) });
  const place = ({ key = "" }) => (WORST_FIRST.indexOf(key.split(" ")[0]) + 1 || WORST_FIRST.length + 1);
  return alarms.sort((one, other) => place(one) - place(other));
}

/** @param {import("../model/types.js").Source[]} sources @returns {Alarm[]} */
function ofSources(sources) {
  return sources.flatMap((source) => {
    const { name, state, facts } = source;
    const alarms = [];
    if (state === "refused" || state === "retrying") {
      alarms.push({ key: `${state} ${name}`, title: words.state.titles[state], sentence: trouble(source) });
    }
    if (facts.rules_error) {
      const text = words.strip.asked(name, sentence(String(facts.rules_error)));
      alarms.push({ key: `rules ${name}`, title: words.page.trouble, sentence: text });
    }
    return alarms;
  });
}

export class Banner {
  constructor() {
    this.element = byId("banner");
    this.spoken = byId("banner-spoken");
    this.icon = /** @type {HTMLLinkElement} */ (document.querySelector("link[rel=icon]"));
    this.usual_icon = this.icon.getAttribute("href");
    /** The alarm that was spoken. */
    this.key = "";
    /** What is no alarm, and until when it stands. @type {{title: string, sentence: string, until_ms: number} | null} */
    this.noted = null;
    const layout = new ResizeObserver(() => this.#place());
    for (const part of [document.documentElement, this.element]) layout.observe(part);
  }

  /**
   * Tell something that is no alarm, for a while.
   *
   * @param {string} title @param {string} text @param {number} now_ms monotonic
   */
  note(title, text, now_ms) {
    this.noted = { title, sentence: text, until_ms: now_ms + NOTE_MS };
  }

  /** What was noted is no longer of interest. */
  forget() {
    this.noted = null;
  }

  /**
   * @param {State} state @param {Snapshot | null} snapshot @param {Refusal | null} refused
   * @param {number} now_ms monotonic
   */
  show(state, snapshot, refused, now_ms) {
    const alarms = alarmsOf(state, snapshot);
    if (this.noted && now_ms > this.noted.until_ms) this.noted = null;
    const [worst] = alarms;
    const told = worst ?? this.noted;
    const { element } = this;
    element.hidden = !told;
    put(element, "data-kind", worst ? "alarm" : "note");
    if (told) {
      write(byId("banner-title"), told.title);
      const said = worst ? quotes(snapshot, refused) : [told.sentence];
      writeQuoting(byId("banner-sentence"), told.sentence, said);
    }
    write(byId("banner-more"), alarms.length > 1 ? words.alarm.more(count(alarms.length - 1), alarms.length - 1) : "");
    byId("strip").classList.toggle("told", worst?.key === state.name);
    this.#attract(worst);
    this.#place();
  }

  /** Title, icon, and once for each alarm the screen reader. @param {Alarm | undefined} worst */
  #attract(worst) {
    markTitle(worst ? worst.title : null);
    put(this.icon, "href", worst ? ICON : this.usual_icon);
    const key = worst?.key ?? "";
    if (key === this.key) return;
    this.key = key;
    write(this.spoken, worst ? `${worst.title}. ${worst.sentence}` : "");
  }

  /** What stays in sight while the page scrolls stands below it. */
  #place() {
    if (!this.element.hidden) placeBanner(this.element);
    set("--banner", this.element.hidden ? "0px" : "var(--banner-room)");
  }
}
