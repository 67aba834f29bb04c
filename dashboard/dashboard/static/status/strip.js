/** The strip that tells whether all this is alive. */

import { ingestNow } from "../model/ages.js";
import { byId, put, write, writeQuoting } from "../ui/dom.js";
import { beganFact, billedFact, cutFact, droppedFact, lagFact, lostFact, malformedFact, sourceFact, troubleFact } from "./facts.js";
import { duration, rate, shortDuration } from "../i18n/format.js";
import { inputsFact } from "../model/inputs.js";
import { Sparkline } from "../ui/sparkline.js";
import { quotes } from "../model/pipeline_state.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/page_types.js").Snapshot} Snapshot */
/** @typedef {import("../model/page_types.js").Connection} Connection */
/** @typedef {import("../model/types.js").Refusal} Refusal */
/** @typedef {import("../model/types.js").Timeline} Timeline */
/** @typedef {import("../model/pipeline_state.js").State} State */

/** Rates that the line shows: two minutes at the usual pace. */
const RATES = 120;
/** Longer steps of the past say nothing of its seconds. */
const LONGEST_STEP_MS = 30_000;

export class Strip {
  constructor() {
    this.element = byId("strip");
    this.line = new Sparkline("rate-line");
    byId("fact-rate").after(this.line.element);
    /** @type {number[]} */
    this.rates = [];
    this.begun = false;
    /** When the page saw the present state begin; null if it did not. @type {number | null} */
    this.seen_ms = null;
  }

  /** @param {State} state @param {Snapshot | null} newest @param {number} now_ms @param {Refusal | null} refused */
  showState({ name, title, sentence, since_ms, stale }, newest, now_ms, refused) {
    const before = this.element.dataset.state ?? "starting";
    if (before !== name) this.seen_ms = before === "starting" ? null : now_ms;
    this.element.dataset.state = name;
    document.body.classList.toggle("stale", stale);
    write(byId("state-name"), title);
    writeQuoting(byId("state-sentence"), sentence, quotes(newest, refused));
    put(byId("state-sentence"), "title", sentence);
    // A source may be live for longer than it is counted.
    const began_ms = name === "live" ? (this.seen_ms ?? since_ms) : (since_ms ?? this.seen_ms);
    write(byId("state-for"), began_ms === null ? "" : words.lasting(duration(now_ms - began_ms)));
  }

  /** @param {Connection} connection */
  showConnection({ state, transport }) {
    const polling = state === "connected" && transport === "polling";
    write(byId("fact-connection"), polling ? words.strip.by_polling : words.strip.connection[state]);
  }

  /** A snapshot has come. @param {Snapshot} snapshot */
  note({ health }) {
    // Before anything is counted there is no rate, which is not 0.
    if (health.newest_at_ms === null) return;
    this.rates = [...this.rates, health.posts_per_second].slice(-RATES);
  }

  /** Let the line begin with what was kept before the page was opened. @param {Timeline} kept */
  begin({ step_ms, posts }) {
    if (this.begun || posts.length < 2 || step_ms > LONGEST_STEP_MS) return;
    this.begun = true;
    // The newest step is not over yet.
    const seconds = posts.slice(0, -1).flatMap((some) => new Array(step_ms / 1000).fill((some * 1000) / step_ms));
    this.rates = [...seconds, ...this.rates].slice(-RATES);
  }

  /** What the snapshot says of the pipeline. @param {Snapshot} snapshot @param {number} age_ms since it came */
  showFacts(snapshot, age_ms) {
    const { newest_at_ms, batch_ms, posts_per_second, ingest, history, relay } = snapshot.health;
    const newest_age = duration(ingestNow(snapshot, age_ms) - (newest_at_ms ?? 0));
    write(byId("fact-rate"), newest_at_ms === null ? "–" : rate(posts_per_second));
    this.line.show(this.rates);
    write(byId("fact-newest"), newest_at_ms === null ? words.strip.none_yet : words.ago(newest_age));
    write(byId("fact-lag"), lagFact(snapshot));
    write(byId("fact-batch"), batch_ms === null ? words.strip.none_yet : shortDuration(batch_ms));
    writeLoss("fact-dropped", droppedFact(snapshot));
    writeLoss("fact-malformed", malformedFact(snapshot), quotes(snapshot));
    writeLoss("fact-lost", lostFact(snapshot));
    writeEach("fact-source", ingest.sources.map(sourceFact));
    writeEach("fact-inputs", ingest.sources.map(inputsFact));
    writeFact("fact-billed", billedFact(snapshot));
    writeFact("fact-trouble", troubleFact(snapshot), quotes(snapshot));
    writeQuote("fact-track", ingest.track_error);
    writeQuote("fact-spool", ingest.notice);
    writeQuote("fact-history", history);
    writeQuote("fact-relay", relay);
    writeQuote("fact-began", beganFact(snapshot));
    writeFact("fact-cut", cutFact(snapshot));
  }
}

/** A fact of each source, whole where the pointer rests. @param {string} id @param {string[]} facts */
function writeEach(id, facts) {
  const text = facts.join(" · ") || "–";
  write(byId(id), text);
  put(byId(id), "title", text);
}

/** What the server says in its own words, if it does. @param {string} id @param {string | null} text */
const writeQuote = (id, text) => writeFact(id, text, [text ?? ""]);

/**
 * A fact that is there only sometimes.
 *
 * @param {string} id @param {string | null} text null hides it @param {string[]} [quoted] what the server says
 */
function writeFact(id, text, quoted = []) {
  const box = /** @type {HTMLElement} */ (byId(id).parentElement);
  box.hidden = text === null;
  if (text !== null) writeQuoting(byId(id), text, quoted);
}

/** What is lost is told even when nothing is. @param {string} id @param {string | null} text @param {string[]} [quoted] */
function writeLoss(id, text, quoted = []) {
  writeQuoting(byId(id), text ?? "0", quoted);
  put(byId(id), "title", text);
  byId(id).parentElement?.classList.toggle("alarm", text !== null);
}
