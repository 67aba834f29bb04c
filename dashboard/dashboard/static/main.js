/** The entry point of the page: creates its parts and connects them. */

import { AlertCenter } from "./alerts/alert_center.js";
import { hasAlerts, isSameTime, openTag } from "./model/address.js";
import { applyDisplayMode } from "./controls/display_mode.js";
import { DefaultView } from "./controls/default_view.js";
import { Controls } from "./controls/controls.js";
import { byId } from "./ui/dom.js";
import { Display } from "./display.js";
import { LiveFeed, isNewer } from "./net/live_feed.js";
import { Help } from "./controls/help.js";
import { NumberCard } from "./controls/number_card.js";
import { MuteList } from "./controls/mute_list.js";
import { SearchField } from "./controls/search_field.js";
import { Navigation } from "./navigation.js";
import { FrameQueue } from "./ui/frame_queue.js";
import { PlaybackControl } from "./controls/playback_control.js";
import { TagPanel } from "./panel/tag_panel.js";
import { coloursOf, isFull, pinnedKeys, toggle } from "./model/pins.js";
import { Playback } from "./model/playback.js";
import { Strip } from "./status/strip.js";
import { createSaveMenu } from "./save/save_contents.js";
import { onThemeChange, theme } from "./ui/theme.js";
import { Timebar } from "./controls/timebar.js";
import { Announcer } from "./status/announcer.js";
import { showLanguageLinks } from "./controls/language_links.js";
import { StartupSteps } from "./status/startup_steps.js";
import { HealthWatch } from "./status/health_watch.js";
import { fillTexts, language, languages } from "./i18n/messages.js";

/** @typedef {import("./model/page_types.js").Snapshot} Snapshot */
/** @typedef {import("./model/types.js").View} View */
/** @typedef {import("./model/address.js").Address} Address */

const API_REQUEST_EVERY_MS = 10_000;
const figures = JSON.parse(byId("figures").textContent ?? "");
const navigation = new Navigation({ onChange: applyAddress, onPanelClosed: restoreFocus });
const address = () => navigation.address;

applyDisplayMode(address(), () => playback.newest);
fillTexts(document);
showLanguageLinks(byId("languages"), languages.filter((code) => code !== language), address);
const announcer = new Announcer(byId("summary"));
const playback = new Playback();
const default_view = new DefaultView(address().wall);
/** The view of the live page. */
const view = () => default_view.of(address());
const strip = new Strip();
const startup_steps = new StartupSteps();
const health_watch = new HealthWatch(strip);
const controls = new Controls(figures.sizes, onChange);
const closePanel = () => navigation.openPanel(null);
const panel = new TagPanel(figures, { onPin, onClose: closePanel, onEscape: () => display.release() });
const mutes = new MuteList({
  ...{ onChange: () => render(), closePanel, release: () => display.release(), focus: (key) => display.focus(key) },
}, announcer);
const display = new Display(figures, new FrameQueue(), panel, mutes, { onPin, onChange });
const search = new SearchField((key) => navigation.openPanel({ name: "tag", key }), announcer);
const now = () => Date.now();
const timebar = new Timebar({
  ...{ now, onPause, onLive: () => onChange({ at_ms: null }), onGoTo: (at_ms) => onChange({ at_ms }) },
  // A moment of the history is in no step of the archive.
  onStep: (step) => onChange({ step, at_ms: step && address().step && address().at_ms }),
  onTimeline: (timeline) => strip.addPastRates(timeline),
});
const onGoTo = (/** @type {Partial<Address>} */ part) => onChange({ step: null, ...part });
const alerts = hasAlerts(address()) ? new AlertCenter({ announcer, mutes, address, now, onGoTo }) : null;
const playback_control = new PlaybackControl({
  ...{ playback, timebar, announcer, now, view, onChange: render },
  onNotStored: () => onChange({ at_ms: null }),
  onArchived: (step) => navigation.replace({ step }),
});
const top = () => address().top ?? figures.top_n;
const colours = () => coloursOf(address().pins, figures[theme()].pins);

/** The viewer has chosen something: write it into the URL and display it. @param {Partial<Address>} part */
function onChange(part) {
  const changed = { ...address(), ...part };
  const time_changed = !isSameTime(changed, address());
  if (part.view !== undefined) health_watch.onViewChange();
  // A moment without a view is the window.
  navigation.replace(changed.at_ms === null ? part : { ...part, view: default_view.named(changed) });
  applyAddress(time_changed);
}

/** @param {string} key */
function onPin(key) {
  onChange({ pins: toggle(address().pins, key) });
}

/** Focus the element that opened the panel. @param {NonNullable<import("./model/page_types.js").Panel>} closed */
function restoreFocus(closed) {
  if (closed.name === "tag" && closed.key === search.found) controls.focus("search-field");
  else if (closed.name === "tag") display.focus(closed.key);
  else controls.focus(pinnedKeys(address().pins).length ? "compare" : "table-switch");
}

function onPause() {
  if (!playback.newest) return;
  playback_control.pause();
  navigation.replace({ view: default_view.named(address()), at_ms: playback.newest.to_ms, step: null });
  applyAddress(false);
}

/** Display what the address says. @param {boolean} time_changed does the address have another time? */
function applyAddress(time_changed) {
  const { table, embed, panel: opened, pins, at_ms, step } = address();
  timebar.setStep(step);
  feed.setView(view());
  display.setLayout(top(), table);
  void panel.show(embed ? null : opened, pins, colours(), now());
  if (time_changed) void playback_control.goTo(at_ms, step);
  render();
}

/** Display another time, or the same time in another way. */
function render() {
  feed.setReserve(mutes.any);
  controls.show({ ...address(), view: playback_control.view }, top());
  controls.setChoices(playback.newest?.choices ?? { source: [], lang: [] }, playback_control.view);
  draw();
  alerts?.show();
  playback_control.show();
}

/** @returns {import("./display.js").DisplayOptions} */
const displayOptions = () => ({
  ...{ mode: playback.mode, top: top(), table: address().table, fold: address().fold, now_ms: now() },
  ...{ open: openTag(address()), colours: colours(), pins_full: isFull(address().pins) },
});

/** Draw the displayed snapshot. @param {boolean} at_once not spread over several frames: the viewer has done something */
function draw(at_once = true) {
  mutes.show(playback.newest);
  if (playback.displayed) display.show(playback.displayed, displayOptions(), at_once);
}

/** The bars are updated with each snapshot; the numbers beside them once a second. @param {Snapshot} snapshot */
function onSnapshot(snapshot) {
  if (!isNewer(snapshot, playback.newest)) return;
  const is_first = playback.newest === null;
  if (default_view.update(address(), snapshot, is_first)) {
    feed.setView(view());
    render();
    // A page opens with Rising at once, without the bars before.
    if (is_first) return;
  }
  // The strip must not say "no posts yet" beside the first bars.
  const had_no_posts = (playback.newest?.health.newest_at_ms ?? null) === null;
  playback.receive(snapshot);
  health_watch.onSnapshot(snapshot);
  alerts?.onSnapshot(snapshot, feed.connection.since_ms);
  if (is_first || playback.mode === "live") draw(is_first);
  else playback_control.show();
  if (had_no_posts) onTick();
}

/** @param {import("./model/page_types.js").Connection} connection */
function onConnection({ state }) {
  onTick();
  if (state === "connected") void timebar.refresh();
}

/** @param {View} returned the one that the feed returned to @param {string} error */
function onViewRefused(returned, error) {
  onChange({ view: returned });
  announcer.respond(health_watch.onViewRefused(error));
  onTick();
}

/** Once a second: ages grow without a snapshot. */
function onTick() {
  const now_ms = now();
  playback_control.show();
  const state = health_watch.update(feed, playback);
  const starting_up = startup_steps.show(playback.newest, feed.connection.state, now_ms);
  document.body.classList.toggle("starting-up", starting_up);
  if (starting_up) display.empty_board.show(null);
  if (playback.newest) {
    controls.setChoices(playback.newest.choices, playback_control.view);
    controls.update(playback.newest);
  }
  if (playback.displayed) {
    display.showTable(playback.displayed, displayOptions());
    if (!address().lesson) display.announce(announcer, playback.displayed, displayOptions(), state);
  }
  panel.tick(now_ms);
}

const feed = new LiveFeed(view(), { onSnapshot, onConnection, onViewRefused, onAlert: (alert) => alerts?.onAlert(alert) });
onThemeChange(() => applyAddress(false));
new Help(() => playback.newest);
new NumberCard();
createSaveMenu(playback, mutes, panel, {
  ...{ figures, address, view, liveView: () => default_view.named(address()), top, colours, now },
});
applyAddress(address().at_ms !== null);
setInterval(onTick, 1_000);
setInterval(() => document.hidden || void timebar.refresh(), API_REQUEST_EVERY_MS);
onTick();
