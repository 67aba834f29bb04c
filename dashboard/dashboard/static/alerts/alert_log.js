/**
 * The alerts that the page knows: those that the dashboard stores, and those of the viewer's own rules, which this browser
 * stores. It also stores which of them the viewer has seen.
 */

import { listedAlert, listedOwnAlert, merged, parseSeen } from "../model/alerts.js";
import { parseOwnAlerts, withAlerts } from "../model/own_rules.js";
import { readStored, store, StoredValue } from "../ui/storage.js";
import { language } from "../i18n/messages.js";

/** @typedef {import("../model/alerts.js").ListedAlert} ListedAlert */
/** @typedef {import("../model/types.js").ShownAlert} ShownAlert */
/** @typedef {import("../model/own_rules.js").OwnAlert} OwnAlert */

const SEEN = "alerts-seen";
const OWN = "own-alerts";

export class AlertLog {
  /**
   * @param {(key: string) => boolean} isHidden has the viewer hidden this hashtag?
   * @param {(fresh: ListedAlert[]) => void} onChange with the alerts that came now, the oldest first
   */
  constructor(isHidden, onChange) {
    this.isHidden = isHidden;
    this.onChange = onChange;
    /** The alerts that the dashboard stores. @type {ListedAlert[]} */
    this.stored = [];
    /** Has the dashboard said which alerts it stores? */
    this.is_loaded = false;
    /** Alerts of the first response: they came before the page was opened, unless an event follows. @type {Set<string>} */
    this.from_before = new Set();
    this.stored_own = new StoredValue(OWN);
    this.own = parseOwnAlerts(this.stored_own.read());
    this.seen = parseSeen(readStored(SEEN));
    // Another tab of this browser.
    addEventListener("storage", ({ key }) => {
      if (key === SEEN) this.#setSeen(parseSeen(readStored(SEEN)));
      if (key === OWN) this.#setOwn(parseOwnAlerts(this.stored_own.read()));
    });
  }

  /** All alerts, the newest first. Hidden hashtags have none. @returns {ListedAlert[]} */
  get alerts() {
    const all = merged(this.stored, this.own.map((alert) => listedOwnAlert(alert, language)));
    return all.filter(({ key }) => key === null || !this.isHidden(key));
  }

  /** The alerts that the viewer has not seen. */
  get unseen() {
    return this.alerts.filter(({ id }) => !this.seen.has(id));
  }

  /** Is this the id of a known alert of the dashboard? @param {string} id */
  knows(id) {
    return this.stored.some((alert) => alert.id === id);
  }

  /** Add alerts that came now. @param {ShownAlert[]} alerts the oldest first */
  add(alerts) {
    // The first response may have one before its event comes.
    const known = new Set(alerts.map(({ id }) => id).filter((id) => this.from_before.delete(id)));
    if (known.size > 0) this.onChange(this.alerts.filter(({ id }) => known.has(id)).reverse());
    this.#change(() => {
      this.stored = merged(this.stored, alerts.map((alert) => listedAlert(alert, language)));
    });
  }

  /**
   * The dashboard has these alerts, and `more` came while it was requested. Those of the first response came before the
   * page was opened; later those that were not known came now.
   *
   * @param {ShownAlert[]} alerts @param {ShownAlert[]} more
   */
  replace(alerts, more) {
    const are_new = this.is_loaded;
    this.is_loaded = true;
    if (!are_new) this.from_before = new Set(alerts.map(({ id }) => id).filter((id) => !this.knows(id)));
    this.#change(() => {
      this.stored = merged([], [...alerts, ...more].map((alert) => listedAlert(alert, language)));
    }, are_new);
  }

  /** Add alerts of own rules. @param {OwnAlert[]} fired */
  addOwn(fired) {
    if (fired.length === 0) return;
    const own = withAlerts(parseOwnAlerts(this.stored_own.read()), fired);
    this.stored_own.write(own);
    this.#setOwn(own);
  }

  /** The viewer has seen all alerts. */
  markSeen() {
    const known = new Set([...this.stored, ...this.own].map(({ id }) => id));
    // Alerts of hashtags that are hidden now stay seen. What is not stored any more is forgotten.
    const before = [...this.seen].filter((id) => !this.is_loaded || known.has(id));
    const seen = new Set([...this.alerts.map(({ id }) => id), ...before]);
    store(SEEN, [...seen]);
    this.#setSeen(seen);
  }

  /** @param {Set<string>} seen */
  #setSeen(seen) {
    this.seen = seen;
    this.onChange([]);
  }

  /** @param {OwnAlert[]} own */
  #setOwn(own) {
    this.#change(() => {
      this.own = own;
    });
  }

  /** @param {() => void} change @param {boolean} [are_new] */
  #change(change, are_new = true) {
    const before = new Set(this.alerts.map(({ id }) => id));
    change();
    const fresh = this.alerts.filter(({ id }) => !before.has(id)).reverse();
    this.onChange(are_new ? fresh : []);
  }
}
