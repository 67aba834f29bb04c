/** The page: puts the parts together. */

import { DEFAULT_VIEW, formatAddress, panelHash, parseAddress } from "./address.js";
import { Board } from "./board.js";
import { Controls } from "./controls.js";
import { byId, write } from "./dom.js";
import { Feed, isNewer } from "./feed.js";
import { count } from "./format.js";
import { showHeading } from "./heading.js";
import { KeptError, serverTime, windowAt } from "./kept.js";
import { TagPanel } from "./panel.js";
import { coloursOf, isFull, toggle } from "./pins.js";
import { Playback } from "./playback.js";
import { stateOf } from "./state.js";
import { Strip } from "./strip.js";
import { Table } from "./table.js";
import { onThemeChange, theme } from "./theme.js";
import { Timebar } from "./timebar.js";
import { fillWords, words } from "./words.js";

/** @typedef {import("./types.js").Snapshot} Snapshot */
/** @typedef {import("./types.js").Connection} Connection */
/** @typedef {import("./types.js").Panel} Panel */
/** @typedef {import("./address.js").Address} Address */

const SKEW_IGNORED_MS = 2_000;
const KEPT_ASKED_EVERY_MS = 10_000;

const figures = JSON.parse(byId("figures").textContent ?? "");
let address = parseAddress(location.search, location.hash);
/** @type {Connection} */
let connection = { state: "connecting", transport: "", since_ms: Date.now() };
let skew_ms = 0;
/** When the past was last asked for: only the newest answer counts. */
let asked = 0;

document.documentElement.classList.toggle("wall", address.wall);
fillWords(document);
const playback = new Playback();
const board = new Board(figures, pin);
const strip = new Strip();
const table = new Table();
const controls = new Controls(figures.sizes, change);
const panel = new TagPanel(figures, { pin, close: () => open(null) });
const timebar = new Timebar({
  pause: () => playback.newest && pause(playback.newest),
  live: () => change({ at_ms: null }),
  goTo: (at_ms) => change({ at_ms, view: DEFAULT_VIEW }),
});

/** Now, by the server's clock. */
const now = () => Date.now() + skew_ms;
const top = () => address.top ?? figures.top_n;

/** The reader chose something: it stands in the address from now on. @param {Partial<Address>} part */
function change(part) {
  const moved = part.at_ms !== undefined && part.at_ms !== address.at_ms;
  address = { ...address, ...part };
  history.replaceState(null, "", formatAddress(address) || location.pathname);
  apply(moved);
}

/** @param {string} key */
function pin(key) {
  change({ pins: toggle(address.pins, key) });
}

/** @param {Panel} opened */
function open(opened) {
  const closed = address.panel;
  address = { ...address, panel: opened };
  history.pushState(null, "", formatAddress(address) || location.pathname);
  apply(false);
  if (closed?.name === "tag") board.focus(closed.key);
}

/** @param {Snapshot} newest */
function pause(newest) {
  playback.hold(newest);
  address = { ...address, at_ms: newest.to_ms };
  history.replaceState(null, "", formatAddress(address));
  draw();
}

/** Make the page what the address says. @param {boolean} moved to another time */
function apply(moved) {
  feed.turn(address.view);
  board.setTop(top());
  controls.show(address, top());
  table.toggle(address.table);
  byId("board").hidden = address.table;
  const link = /** @type {HTMLAnchorElement} */ (byId("compare"));
  link.hidden = address.pins.length === 0;
  link.href = panelHash({ name: "compare" });
  write(link, words.panel.compare(count(address.pins.length)));
  void panel.show(address.panel, address.pins, colours(), now());
  if (moved) void goTo(address.at_ms);
  draw();
}

/** Show a moment of the kept past, or the newest again. @param {number | null} at_ms */
async function goTo(at_ms) {
  const mine = ++asked;
  timebar.say(null);
  if (at_ms === null) playback.release();
  else {
    try {
      const past = await windowAt(at_ms);
      if (mine === asked) playback.hold(past);
    } catch (error) {
      if (!(error instanceof KeptError)) throw error;
      if (mine !== asked) return;
      change({ at_ms: null });
      timebar.say(error.message);
    }
  }
  draw();
}

const colours = () => coloursOf(address.pins, figures[theme()].pins);

/** Draw what is shown. */
function draw() {
  const { shown } = playback;
  timebar.show(playback, now());
  if (!shown) return;
  board.show(shown, colours(), isFull(address.pins));
  table.show(shown, top(), now());
  showHeading(shown, playback.mode, now());
  document.title = shown.top.length ? `#${shown.top[0].label} · ${words.page.title}` : words.page.title;
}

/** @param {Snapshot} snapshot */
function take(snapshot) {
  if (!isNewer(snapshot, playback.newest)) return;
  const first = playback.newest === null;
  playback.take(snapshot);
  strip.note(snapshot);
  controls.offer(snapshot.choices, address.view);
  if (first || playback.mode === "live") draw();
  else timebar.show(playback, now());
  tick();
}

/** Ages go on without a snapshot. */
function tick() {
  const now_ms = now();
  strip.showState(stateOf(playback.newest, connection, now_ms, playback.pace_ms), now_ms);
  strip.showConnection(connection);
  if (playback.newest) strip.showFacts(playback.newest, now_ms);
  if (playback.shown) table.show(playback.shown, top(), now_ms);
  if (!document.hidden && now_ms - panel.asked_at_ms > KEPT_ASKED_EVERY_MS) void panel.refresh(now_ms);
}

/** Learn how far this browser's clock is off: ages are told by the server's. */
async function readClock() {
  const asked_ms = Date.now();
  const { now_ms } = await serverTime();
  const off_ms = now_ms - (asked_ms + Date.now()) / 2;
  skew_ms = Math.abs(off_ms) > SKEW_IGNORED_MS ? off_ms : 0;
}

const feed = new Feed(address.view, take, (changed) => {
  connection = { ...changed, since_ms: changed.since_ms + skew_ms };
  tick();
  if (changed.state !== "connected") return;
  readClock().then(tick, () => undefined);
  void timebar.refresh();
});
addEventListener("popstate", () => {
  const { at_ms } = address;
  address = parseAddress(location.search, location.hash);
  apply(address.at_ms !== at_ms);
});
onThemeChange(() => apply(false));
board.say(words.board.nothing_yet);
apply(address.at_ms !== null);
setInterval(tick, 1_000);
setInterval(() => document.hidden || void timebar.refresh(), KEPT_ASKED_EVERY_MS);
tick();
