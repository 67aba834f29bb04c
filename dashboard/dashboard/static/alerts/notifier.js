/** Notifications of the browser. They are allowed by the viewer with a button; the page never requests this by itself. */

import { notificationState, summaryOfAlerts } from "../model/alerts.js";
import { byId, setText } from "../ui/dom.js";
import { StoredValue } from "../ui/storage.js";
import { count } from "../i18n/format.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/alerts.js").ListedAlert} ListedAlert */

const NAME = "alert-notifications";
/** More alerts that come together are one notification. */
const MAX_AT_ONCE = 3;

export class Notifier {
  /**
   * @param {() => void} onOpen the viewer has clicked a notification
   * @param {import("../status/announcer.js").Announcer} announcer
   * @param {import("../ui/tab_leader.js").TabLeader} leader one tab notifies for all
   */
  constructor(onOpen, announcer, leader) {
    this.leader = leader;
    this.onOpen = onOpen;
    this.announcer = announcer;
    /** The browser has notifications, but a page can't show one. */
    this.has_failed = false;
    this.was_dismissed = false;
    this.stored = new StoredValue(NAME);
    byId("notify").addEventListener("click", () => void this.#toggle());
    this.show();
  }

  get state() {
    const is_supported = "Notification" in window && !this.has_failed;
    const permission = "Notification" in window ? Notification.permission : "denied";
    return notificationState({ is_secure: isSecureContext, is_supported, permission, wanted: this.stored.read() === true });
  }

  /** Display whether notifications are on, and if not, why. */
  show() {
    const { state } = this;
    if (state === "on") this.leader.request();
    const text = state === "off" && this.was_dismissed ? words.alerts.dismissed : words.alerts.notify[state];
    setText(byId("notify-state"), text);
    setText(byId("notify"), state === "on" ? words.alerts.turn_off : words.alerts.turn_on);
    byId("notify").hidden = state !== "on" && state !== "off";
  }

  /** Notify of new alerts, if the viewer allowed it. @param {ListedAlert[]} fresh the oldest first */
  notify(fresh) {
    if (this.state !== "on" || !this.leader.is_leader || document.hasFocus()) return;
    if (fresh.length <= MAX_AT_ONCE) for (const { id, rule, sentence, lang } of fresh) this.#show(rule, sentence, id, lang);
    else {
      const last = fresh[fresh.length - 1];
      const title = words.alerts.several(count(fresh.length), fresh.length);
      this.#show(title, summaryOfAlerts([last.sentence]), last.id, last.lang);
    }
  }

  /**
   * @param {string} title @param {string} body @param {string} tag a second notification with this tag replaces the first
   * @param {string} lang
   */
  #show(title, body, tag, lang) {
    try {
      const notification = new Notification(title, { body, tag, lang });
      notification.onclick = () => {
        window.focus();
        notification.close();
        this.onOpen();
      };
    } catch (error) {
      // Chrome on Android: only a service worker can show a notification.
      if (!(error instanceof TypeError)) throw error;
      this.has_failed = true;
      this.show();
    }
  }

  async #toggle() {
    const is_on = this.state === "on";
    if (is_on) this.stored.write(false);
    else {
      const permission = await Notification.requestPermission();
      this.was_dismissed = permission === "default";
      this.stored.write(permission === "granted");
    }
    this.show();
    this.announcer.respond(byId("notify-state").textContent ?? "");
    // The button is hidden where the browser blocks notifications.
    if (byId("notify").hidden) byId("alerts-close").focus();
  }
}
