/** The strip that tells whether all this is alive. */

import { byId, write } from "./dom.js";
import { billedFact, droppedFact, lagFact, lostFact, malformedFact, sourceFact, troubleFact } from "./facts.js";
import { duration, rate, shortDuration } from "./format.js";
import { Sparkline } from "./sparkline.js";
import { words } from "./words.js";

/** @typedef {import("./types.js").Snapshot} Snapshot */
/** @typedef {import("./types.js").Connection} Connection */
/** @typedef {import("./state.js").State} State */

/** Rates that the line shows: two minutes at the usual pace. */
const RATES = 120;

export class Strip {
  constructor() {
    this.element = byId("strip");
    this.line = new Sparkline("rate-line");
    byId("fact-rate").after(this.line.element);
    /** @type {number[]} */
    this.rates = [];
    /** When the page saw the present state begin; null if it did not. @type {number | null} */
    this.seen_ms = null;
  }

  /** @param {State} state @param {number} now_ms */
  showState({ name, title, sentence, since_ms, stale }, now_ms) {
    const before = this.element.dataset.state ?? "starting";
    if (before !== name) this.seen_ms = before === "starting" ? null : now_ms;
    this.element.dataset.state = name;
    document.body.classList.toggle("stale", stale);
    write(byId("state-name"), title);
    write(byId("state-sentence"), sentence);
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
    this.rates = [...this.rates, health.posts_per_second].slice(-RATES);
    this.line.show(this.rates);
  }

  /** What the snapshot says of the pipeline. @param {Snapshot} snapshot @param {number} now_ms */
  showFacts(snapshot, now_ms) {
    const { newest_at_ms, batch_ms, posts_per_second, ingest, history } = snapshot.health;
    write(byId("fact-rate"), rate(posts_per_second));
    write(byId("fact-newest"), newest_at_ms === null ? words.strip.none_yet : words.ago(duration(now_ms - newest_at_ms)));
    write(byId("fact-lag"), lagFact(snapshot));
    write(byId("fact-batch"), batch_ms === null ? words.strip.none_yet : shortDuration(batch_ms));
    writeLoss("fact-dropped", droppedFact(snapshot));
    writeLoss("fact-malformed", malformedFact(snapshot));
    writeLoss("fact-lost", lostFact(snapshot));
    const asked = ingest.sources.map(sourceFact).join(" · ") || "–";
    write(byId("fact-source"), asked);
    byId("fact-source").title = asked;
    writeFact("fact-billed", billedFact(snapshot));
    writeFact("fact-trouble", troubleFact(snapshot));
    writeFact("fact-track", ingest.track_error);
    writeFact("fact-spool", ingest.notice);
    writeFact("fact-history", history);
  }
}

/** A fact that is there only sometimes. @param {string} id @param {string | null} text null hides it */
function writeFact(id, text) {
  const box = /** @type {HTMLElement} */ (byId(id).parentElement);
  box.hidden = text === null;
  if (text !== null) write(byId(id), text);
}

/** What is lost is told even when nothing is. @param {string} id @param {string | null} text */
function writeLoss(id, text) {
  write(byId(id), text ?? "0");
  byId(id).title = text ?? "";
  byId(id).parentElement?.classList.toggle("alarm", text !== null);
}
