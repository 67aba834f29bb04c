/** Alerts of the page: connects what comes from the dashboard and the viewer's own rules with all that displays them. */

import { badgeText, summaryOfAlerts } from "../model/alerts.js";
import { ApiError, catchApiError, storedAlerts } from "../net/api.js";
import { AlertList } from "./alert_list.js";
import { AlertLog } from "./alert_log.js";
import { Notifier } from "./notifier.js";
import { OwnRules } from "./own_rules.js";
import { TagBell } from "./tag_bell.js";
import { WallAlert } from "./wall_alert.js";
import { byId, setAttribute, setText } from "../ui/dom.js";
import { TabLeader } from "../ui/tab_leader.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/alerts.js").ListedAlert} ListedAlert */
/** @typedef {import("../model/address.js").Address} Address */
/** @typedef {import("../model/page_types.js").Snapshot} Snapshot */
/** @typedef {import("../model/types.js").ShownAlert} ShownAlert */

/** After an error the stored alerts are requested again, at the earliest after this time. */
const RETRY_MS = 10_000;
/** Alerts that come within this time are announced together: the dashboard sends those of one push one by one. */
const TOGETHER_MS = 200;

export class AlertCenter {
  /**
   * @param {{announcer: import("../status/announcer.js").Announcer, mutes: import("../controls/mute_list.js").MuteList,
   *   address: () => Address, onGoTo: (part: Partial<Address>) => void, now: () => number}} dependencies
   */
  constructor({ announcer, mutes, address, onGoTo, now }) {
    this.announcer = announcer;
    this.now = now;
    this.leader = new TabLeader("alerts", navigator.locks);
    this.own = new OwnRules(this.leader, {
      onFired: (fired) => this.log.addOwn(fired.filter(({ key }) => !mutes.hides(key))),
      onChange: () => this.#showRules(),
    });
    this.log = new AlertLog((key) => mutes.hides(key), (fresh) => this.#onChange(fresh));
    this.list = new AlertList(this.own, { ...{ address, onGoTo, now }, onOpen: () => this.#onOpen() });
    this.tag_bell = new TagBell(this.own, announcer);
    this.notifier = new Notifier(() => this.list.open(), announcer, this.leader);
    this.wall = address().wall ? new WallAlert() : null;
    /** Alerts that came while the stored ones are requested; null if they are not. @type {ShownAlert[] | null} */
    this.meanwhile = null;
    /** Alerts that came, and that wait for others of the same push. @type {ShownAlert[]} */
    this.arrived = [];
    /** May the dashboard have more alerts than the last response? */
    this.is_outdated = true;
    this.requested_ms = -Infinity;
    this.connected_ms = 0;
    /** The newest alert of the dashboard at the last request: the response leaves out those of muted hashtags. */
    this.newest_id = "";
    /** What the viewer had seen when the list was opened. @type {Set<string>} */
    this.seen = new Set();
    this.#onChange([]);
    this.#showRules();
  }

  /** The dashboard has stored an alert. @param {ShownAlert} alert */
  onAlert(alert) {
    this.meanwhile?.push(alert);
    this.arrived.push(alert);
    if (this.arrived.length === 1) setTimeout(() => this.log.add(this.arrived.splice(0)), TOGETHER_MS);
  }

  /** @param {Snapshot} snapshot a live one @param {number} connected_ms when the connection began */
  onSnapshot(snapshot, connected_ms) {
    void this.own.onSnapshot(snapshot);
    // Events may have been missed before this connection.
    if (connected_ms !== this.connected_ms) {
      this.connected_ms = connected_ms;
      this.is_outdated = true;
      this.requested_ms = -Infinity;
    }
    // An older dashboard has no alerts.
    if (!snapshot.alerts) return;
    const newest_id = snapshot.alerts.newest_id ?? "";
    const is_known = this.log.knows(newest_id) || this.arrived.some(({ id }) => id === newest_id);
    if (newest_id !== this.newest_id && !is_known) this.is_outdated = true;
    this.newest_id = newest_id;
    if (this.is_outdated && this.now() - this.requested_ms >= RETRY_MS) void this.#load();
    this.list.showError(snapshot.alerts.error);
    this.list.showDropped(snapshot.alerts.dropped);
  }

  /** Display what follows from the hidden hashtags and the open panel. */
  show() {
    this.#onChange([]);
    this.#showRules();
  }

  async #load() {
    if (this.meanwhile !== null) return;
    /** @type {ShownAlert[]} */
    const meanwhile = [];
    this.meanwhile = meanwhile;
    this.requested_ms = this.now();
    this.is_outdated = false;
    const answer = await storedAlerts().catch(catchApiError);
    this.meanwhile = null;
    if (answer instanceof ApiError) {
      this.is_outdated = true;
      return;
    }
    this.list.showRules(answer.rules);
    this.log.replace(answer.alerts, meanwhile);
  }

  #onOpen() {
    this.seen = this.log.seen;
    this.list.clear();
    this.list.showAlerts(this.log.alerts, this.seen);
    this.notifier.show();
    this.log.markSeen();
    // The rules, and which hashtags the operator has muted, may have changed. Without a snapshot nothing was requested yet.
    void this.#load();
  }

  /** @param {ListedAlert[]} fresh the oldest first */
  #onChange(fresh) {
    const unseen = this.log.unseen.length;
    const badge = badgeText(unseen);
    setText(byId("bell-badge"), badge);
    setAttribute(byId("bell"), "aria-label", badge ? words.alerts.bell(badge, unseen) : words.page.alerts);
    if (this.list.is_open) {
      this.list.showAlerts(this.log.alerts, this.seen);
      if (unseen > 0) this.log.markSeen();
    }
    if (fresh.length === 0) return;
    this.announcer.addAlert(summaryOfAlerts(fresh.map(({ sentence }) => sentence)));
    this.wall?.show(fresh);
    this.notifier.notify(fresh);
  }

  #showRules() {
    this.list.showOwn();
    this.tag_bell.show();
  }
}
