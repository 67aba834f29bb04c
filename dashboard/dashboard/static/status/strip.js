/** The status strip: the state of the pipeline, and facts about it. */

import { ingestNow } from "../model/clocks.js";
import { byId, setAttribute, setText, setTextWithQuotes } from "../ui/dom.js";
import { beganFact, billedFact, cutFact, droppedFact, lagFact, lostFact, malformedFact, sourceFact, troubleFact } from "./facts.js";
import { setMoment, setNumber } from "../ui/numbers.js";
import { duration, rate, shortDuration } from "../i18n/format.js";
import { inputsFact } from "../model/inputs.js";
import { Sparkline } from "../ui/sparkline.js";
import { serverQuotes } from "../model/server_texts.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/page_types.js").Snapshot} Snapshot */
/** @typedef {import("../model/page_types.js").Connection} Connection */
/** @typedef {import("../model/types.js").Refusal} Refusal */
/** @typedef {import("../model/types.js").Timeline} Timeline */
/** @typedef {import("../model/pipeline_state.js").State} State */

/** Number of rates in the line: two minutes, with the default interval of the snapshots. */
const MAX_RATES = 120;
/** A timeline with longer steps is too coarse for the line. */
const MAX_STEP_MS = 30_000;

/** The facts that are numbers, with their names in the API. */
const NUMBERS = {
  ...{ rate: "posts_per_second", newest: "newest_at_ms", lag: "lag_posts", batch: "batch_ms", dropped: "dropped_tags" },
  ...{ malformed: "malformed", lost: "lost", inputs: "accepted", cut: "cut" },
};

export class Strip {
  constructor() {
    this.element = byId("strip");
    for (const [name, of] of Object.entries(NUMBERS)) setNumber(byId(`fact-${name}`), of);
    this.line = new Sparkline("rate-line");
    byId("fact-rate").after(this.line.element);
    /** @type {number[]} */
    this.rates = [];
    this.has_past_rates = false;
    /** When the current state began while the page was open; null if it began earlier. @type {number | null} */
    this.began_ms = null;
  }

  /** @param {State} state @param {Snapshot | null} newest @param {number} now_ms @param {Refusal | null} refused */
  showState({ name, title, sentence, since_ms, stale }, newest, now_ms, refused) {
    const before = this.element.dataset.state ?? "starting";
    if (before !== name) this.began_ms = before === "starting" ? null : now_ms;
    this.element.dataset.state = name;
    document.body.classList.toggle("stale", stale);
    setText(byId("state-name"), title);
    setTextWithQuotes(byId("state-sentence"), sentence, serverQuotes(newest, refused));
    setAttribute(byId("state-sentence"), "title", sentence);
    // A source may have been live for longer than it has been counted.
    const start_ms = name === "live" ? (this.began_ms ?? since_ms) : (since_ms ?? this.began_ms);
    setText(byId("state-for"), start_ms === null ? "" : words.lasting(duration(now_ms - start_ms)));
  }

  /** @param {Connection} connection */
  showConnection({ state, transport }) {
    const polling = state === "connected" && transport === "polling";
    setText(byId("fact-connection"), polling ? words.strip.by_polling : words.strip.connection[state]);
  }

  /** Add the rate of a new snapshot. @param {Snapshot} snapshot */
  addRate({ health }) {
    // Before the first post is counted the rate is unknown, not 0.
    if (health.newest_at_ms === null) return;
    this.rates = [...this.rates, health.posts_per_second].slice(-MAX_RATES);
  }

  /** Start the line with the rates before the page was opened. @param {Timeline} timeline */
  addPastRates({ step_ms, posts }) {
    if (this.has_past_rates || posts.length < 2 || step_ms > MAX_STEP_MS) return;
    this.has_past_rates = true;
    // The newest step is not over yet.
    const seconds = posts.slice(0, -1).flatMap((count) => new Array(step_ms / 1000).fill((count * 1000) / step_ms));
    this.rates = [...seconds, ...this.rates].slice(-MAX_RATES);
  }

  /** Display the facts of a snapshot. @param {Snapshot} snapshot @param {number} age_ms since it reached the dashboard */
  showFacts(snapshot, age_ms) {
    const { newest_at_ms, batch_ms, posts_per_second, ingest, history, relay, archive } = snapshot.health;
    setMoment(this.element, snapshot);
    const newest_age = duration(ingestNow(snapshot, age_ms) - (newest_at_ms ?? 0));
    setText(byId("fact-rate"), newest_at_ms === null ? "–" : rate(posts_per_second));
    this.line.show(this.rates);
    setText(byId("fact-newest"), newest_at_ms === null ? words.strip.none_yet : words.ago(newest_age));
    setText(byId("fact-lag"), lagFact(snapshot));
    setText(byId("fact-batch"), batch_ms === null ? words.strip.none_yet : shortDuration(batch_ms));
    showLoss("fact-dropped", droppedFact(snapshot));
    showLoss("fact-malformed", malformedFact(snapshot), serverQuotes(snapshot));
    showLoss("fact-lost", lostFact(snapshot));
    showEach("fact-source", ingest.sources.map((source) => sourceFact(source, ingestNow(snapshot, age_ms))));
    showEach("fact-inputs", ingest.sources.map(inputsFact));
    showFact("fact-billed", billedFact(snapshot));
    showFact("fact-trouble", troubleFact(snapshot), serverQuotes(snapshot));
    showQuote("fact-track", ingest.track_error);
    showQuote("fact-mute", snapshot.muted?.error ?? null);
    showQuote("fact-alerts", snapshot.alerts?.error ?? null);
    showQuote("fact-spool", ingest.notice);
    showQuote("fact-history", history);
    showQuote("fact-relay", relay);
    showQuote("fact-archive", archive);
    showQuote("fact-began", beganFact(snapshot));
    showFact("fact-cut", cutFact(snapshot));
  }
}

/** One fact per source; the title has the whole text. @param {string} id @param {string[]} facts */
function showEach(id, facts) {
  const text = facts.join(" · ") || "–";
  setText(byId(id), text);
  setAttribute(byId(id), "title", text);
}

/** A text of the server; null hides it. @param {string} id @param {string | null} text */
const showQuote = (id, text) => showFact(id, text, [text ?? ""]);

/**
 * A fact that is not always there.
 *
 * @param {string} id @param {string | null} text null hides it @param {string[]} [quotes] parts that are the server's
 */
function showFact(id, text, quotes = []) {
  const box = /** @type {HTMLElement} */ (byId(id).closest("div"));
  box.hidden = text === null;
  if (text !== null) setTextWithQuotes(byId(id), text, quotes);
}

/**
 * A loss is always displayed, as 0 if there is none.
 *
 * @param {string} id @param {string | null} text @param {string[]} [quotes]
 */
function showLoss(id, text, quotes = []) {
  setTextWithQuotes(byId(id), text ?? "0", quotes);
  setAttribute(byId(id), "title", text);
  byId(id).closest("div")?.classList.toggle("alarm", text !== null);
}
