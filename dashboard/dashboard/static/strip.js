/** The strip that tells whether all this is alive, and the line that tells what is shown. */

import { clockTime, count, duration, lastMinutes, rate, some } from "./format.js";
import { billedFact, lagFact, malformedFact, sourceFact, troubleFact } from "./state.js";

/** @typedef {import("./types.js").Snapshot} Snapshot */
/** @typedef {import("./types.js").Connection} Connection */
/** @typedef {import("./state.js").State} State */

const CONNECTIONS = { connecting: "connecting", connected: "connected", lost: "not connected" };

/** Write only what changed: a live region speaks at every write. @param {string} id @param {string} text */
function write(id, text) {
  const element = /** @type {HTMLElement} */ (document.getElementById(id));
  if (element.textContent !== text) element.textContent = text;
}

/** @param {string} id @param {string | null} text null hides the fact */
function writeFact(id, text) {
  const box = /** @type {HTMLElement} */ (document.getElementById(id)?.parentElement);
  box.hidden = text === null;
  if (text !== null) write(id, text);
}

/** @param {State} state @param {number} now_ms */
export function showState(state, now_ms) {
  const strip = /** @type {HTMLElement} */ (document.getElementById("strip"));
  strip.dataset.state = state.name;
  document.body.classList.toggle("stale", state.stale);
  write("state-name", state.title);
  write("state-sentence", state.sentence);
  write("state-for", state.since_ms === null ? "" : `for ${duration(now_ms - state.since_ms)}`);
}

/** @param {Connection} connection */
export function showConnection({ state, transport }) {
  const way = state === "connected" && transport === "polling" ? " by polling" : "";
  write("fact-connection", CONNECTIONS[state] + way);
}

/** What the snapshot says of the pipeline. @param {Snapshot} snapshot @param {number} now_ms */
export function showFacts(snapshot, now_ms) {
  const { health } = snapshot;
  write("fact-source", health.ingest.sources.map(sourceFact).join(" · ") || "–");
  write("fact-rate", rate(health.posts_per_second));
  write("fact-newest", health.newest_at_ms === null ? "none yet" : `${duration(now_ms - health.newest_at_ms)} ago`);
  write("fact-lag", lagFact(snapshot));
  writeFact("fact-billed", billedFact(snapshot));
  writeFact("fact-trouble", troubleFact(snapshot));
  writeFact("fact-track", health.ingest.track_error);
  writeFact("fact-lost", health.lost > 0 ? count(health.lost) : null);
  writeFact("fact-malformed", malformedFact(snapshot));
  writeFact("fact-spool", health.ingest.notice);
  writeFact("fact-history", health.history);
}

/** What stretch of time the bars show. @param {Snapshot} snapshot */
export function showWindow({ from_ms, to_ms, posts }) {
  const stretch = `${lastMinutes(from_ms, to_ms)}, ${clockTime(from_ms)} to ${clockTime(to_ms)}`;
  write("window", `${stretch} · ${some(posts, "post")}`);
}

/** Say that there are no bars, and why; null where there are. @param {string | null} text */
export function showEmpty(text) {
  const element = /** @type {HTMLElement} */ (document.getElementById("empty"));
  element.hidden = text === null;
  if (text !== null) write("empty", text);
}
