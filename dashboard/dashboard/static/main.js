/** The page: puts the parts together. */

import { formatAddress, openTag, parseAddress } from "./model/address.js";
import { bare } from "./controls/display_mode.js";
import { Board } from "./board/board.js";
import { Controls } from "./controls/controls.js";
import { byId } from "./ui/dom.js";
import { Empty, emptinessOf } from "./board/empty_board.js";
import { Feed, isNewer } from "./net/live_feed.js";
import { showHeading } from "./board/heading.js";
import { Help } from "./controls/help.js";
import { Later } from "./ui/frame_queue.js";
import { Moments } from "./controls/moments.js";
import { TagPanel } from "./panel/panel.js";
import { coloursOf, isFull, pinned, toggle } from "./model/pins.js";
import { Playback } from "./model/playback.js";
import { Strip } from "./status/strip.js";
import { Table } from "./board/table.js";
import { offerFiles } from "./save/exports.js";
import { onThemeChange, theme } from "./ui/theme.js";
import { Timebar } from "./controls/timebar.js";
import { Announcer } from "./status/announcer.js";
import { offerLanguages } from "./controls/language_links.js";
import { Waiting } from "./status/waiting.js";
import { Watch } from "./status/health_watch.js";
import { fillWords, language, languages } from "./i18n/messages.js";

/** @typedef {import("./model/page_types.js").Snapshot} Snapshot */
/** @typedef {import("./model/address.js").Address} Address */

const KEPT_ASKED_EVERY_MS = 10_000;

const figures = JSON.parse(byId("figures").textContent ?? "");
let address = parseAddress(location.search, location.hash);

bare(address);
fillWords(document);
offerLanguages(byId("languages"), languages.filter((code) => code !== language), () => address);
const announcer = new Announcer(byId("summary"));
const later = new Later();
const playback = new Playback();
const board = new Board(figures, later, pin);
const empty = new Empty(change);
const strip = new Strip();
const waiting = new Waiting();
const watch = new Watch(strip);
const table = new Table();
const controls = new Controls(figures.sizes, change);
const panel = new TagPanel(figures, { pin, close: () => open(null), escape: () => board.release() });
const timebar = new Timebar({
  pause,
  live: () => change({ at_ms: null }),
  goTo: (at_ms) => change({ at_ms }),
  kept: (kept) => strip.begin(kept),
});

const now = () => Date.now();
const moments = new Moments({
  ...{ playback, timebar, announcer, now },
  view: () => address.view,
  failed: () => change({ at_ms: null }),
  changed: showMoment,
});
const top = () => address.top ?? figures.top_n;
const colours = () => coloursOf(address.pins, figures[theme()].pins);

/** The reader chose something: it stands in the address from now on. @param {Partial<Address>} part */
function change(part) {
  const moved = part.at_ms !== undefined && part.at_ms !== address.at_ms;
  if (part.view !== undefined) watch.forgetRefused();
  address = { ...address, ...part };
  history.replaceState(null, "", formatAddress(address) || location.pathname);
  apply(moved);
}

/** @param {string} key */
function pin(key) {
  change({ pins: toggle(address.pins, key) });
}

/** @param {import("./model/page_types.js").Panel} opened */
function open(opened) {
  const closed = address.panel;
  address = { ...address, panel: opened };
  history.pushState(null, "", formatAddress(address) || location.pathname);
  apply(false);
  if (closed && !opened) giveFocusBack(closed);
}

/** Where the reader was before a panel was opened. @param {NonNullable<import("./model/page_types.js").Panel>} closed */
function giveFocusBack(closed) {
  if (closed.name === "tag") (address.table ? table : board).focus(closed.key);
  else controls.focus(pinned(address.pins).length ? "compare" : "table-switch");
}

function pause() {
  if (!playback.newest) return;
  moments.pause();
  address = { ...address, at_ms: playback.newest.to_ms };
  history.replaceState(null, "", formatAddress(address));
  showMoment();
}

/** Make the page what the address says. @param {boolean} moved to another time */
function apply(moved) {
  feed.turn(address.view);
  board.setTop(top());
  table.toggle(address.table);
  byId("board").hidden = address.table;
  void panel.show(address.embed ? null : address.panel, address.pins, colours(), now());
  if (moved) void moments.goTo(address.at_ms);
  showMoment();
}

/** Another moment is shown, or in another way. */
function showMoment() {
  controls.show({ ...address, view: moments.view }, top());
  controls.offer(playback.newest?.choices ?? { source: [], lang: [] }, moments.view);
  draw();
  moments.show();
}

/** Draw what is shown. @param {boolean} at_once all of it, for a reader who waits */
function draw(at_once = true) {
  const { shown } = playback;
  if (!shown) return;
  const open = openTag(address);
  board.show(shown, { colours: colours(), pins_full: isFull(address.pins), open, live: playback.mode === "live" });
  empty.show(emptinessOf(shown, playback.mode));
  later.add(panel, () => panel.update(shown, now()));
  later.add(table, () => table.show(shown, top(), now(), open));
  later.add(showHeading, () => showHeading(shown, playback.mode, now()));
  if (at_once) later.flush();
}

/** Bars move with each snapshot; what is told in numbers beside them, once a second. @param {Snapshot} snapshot */
function take(snapshot) {
  if (!isNewer(snapshot, playback.newest)) return;
  const first = playback.newest === null;
  // The strip must not say that nothing came, beside the first bars.
  const begins = (playback.newest?.health.newest_at_ms ?? null) === null;
  playback.take(snapshot);
  watch.note(snapshot);
  if (first || playback.mode === "live") draw(first);
  else moments.show();
  if (begins) tick();
}

/** Ages go on without a snapshot. */
function tick() {
  const now_ms = now();
  moments.show();
  const state = watch.tell(feed, playback);
  const waits = waiting.show(playback.newest, feed.connection.state, now_ms);
  document.body.classList.toggle("waits", waits);
  if (waits) empty.show(null);
  if (playback.newest) {
    controls.offer(playback.newest.choices, moments.view);
    controls.nameWindow(playback.newest.window_seconds);
  }
  if (playback.shown) {
    table.show(playback.shown, top(), now_ms, openTag(address));
    const view = JSON.stringify([playback.shown.view, playback.mode]);
    announcer.tell(playback.shown.top.slice(0, top()), state, view, now_ms);
  }
  if (!document.hidden && now_ms - panel.asked_at_ms > KEPT_ASKED_EVERY_MS) void panel.refresh(now_ms);
}

const feed = new Feed(address.view, {
  snapshot: take,
  connection: ({ state }) => {
    tick();
    if (state === "connected") void timebar.refresh();
  },
  refused: (view, sentence) => {
    change({ view });
    announcer.say(watch.noteRefused(sentence));
    tick();
  },
});
addEventListener("popstate", () => {
  const before = address;
  address = parseAddress(location.search, location.hash);
  apply(address.at_ms !== before.at_ms);
  if (before.panel && !address.panel) giveFocusBack(before.panel);
});
onThemeChange(() => apply(false));
new Help(() => playback.newest);
offerFiles(playback, panel, { figures, address: () => address, top, colours, now });
apply(address.at_ms !== null);
setInterval(tick, 1_000);
setInterval(() => document.hidden || void timebar.refresh(), KEPT_ASKED_EVERY_MS);
tick();
