/** The page: puts the parts together. */

import { Chart } from "./chart.js";
import { connect, isNewer } from "./feed.js";
import { stateOf } from "./state.js";
import { showConnection, showEmpty, showFacts, showState, showWindow } from "./strip.js";
import { fillTable } from "./table.js";

/** @typedef {import("./types.js").Snapshot} Snapshot */
/** @typedef {import("./types.js").Connection} Connection */

const SKEW_IGNORED_MS = 2_000;
const NOTHING_YET = "The leading hashtags will stand here as soon as the first posts are counted.";
const NO_TAGS = "No hashtags in this window.";

const figures = JSON.parse(document.getElementById("figures")?.textContent ?? "");
const chart = new Chart(/** @type {HTMLElement} */ (document.getElementById("chart")), figures);
const table = /** @type {HTMLTableElement} */ (document.getElementById("leaders"));

/** @type {Snapshot | null} */
let shown = null;
/** @type {Connection} */
let connection = { state: "connecting", transport: "", since_ms: Date.now() };
let pace_ms = 0;
let skew_ms = 0;

/** Now, by the server's clock. */
const now = () => Date.now() + skew_ms;

function tick() {
  const now_ms = now();
  showState(stateOf(shown, connection, now_ms, pace_ms), now_ms);
  showConnection(connection);
  if (shown) showFacts(shown, now_ms);
}

/** @param {Snapshot} snapshot */
function take(snapshot) {
  if (!isNewer(snapshot, shown)) return;
  pace_ms = shown ? snapshot.produced_at_ms - shown.produced_at_ms : 0;
  shown = snapshot;
  draw(snapshot);
  tick();
}

/** @param {Snapshot} snapshot */
function draw(snapshot) {
  const leaders = snapshot.top.slice(0, figures.top_n);
  fillTable(table, leaders);
  showWindow(snapshot);
  showEmpty(leaders.length ? null : NO_TAGS);
  document.title = leaders.length ? `#${leaders[0].label} · Live hashtags` : "Live hashtags";
  void chart.show(snapshot.top);
}

/** Learn how far this browser's clock is off: ages are told by the server's. */
async function readClock() {
  const asked_ms = Date.now();
  const response = await fetch("/api/time");
  const { now_ms } = await response.json();
  const off_ms = now_ms - (asked_ms + Date.now()) / 2;
  skew_ms = Math.abs(off_ms) > SKEW_IGNORED_MS ? off_ms : 0;
}

showEmpty(NOTHING_YET);
await chart.start();
connect(take, (changed) => {
  connection = { ...changed, since_ms: changed.since_ms + skew_ms };
  tick();
  if (changed.state === "connected") readClock().then(tick, () => undefined);
});
setInterval(tick, 1_000);
tick();
