import assert from "node:assert/strict";
import test from "node:test";
import { Notifier } from "../../../../dashboard/dashboard/static/alerts/notifier.js";
import { TabLeader } from "../../../../dashboard/dashboard/static/ui/tab_leader.js";

/** @param {number} number @returns {any} */
const alert = (number) => ({ id: `id ${number}`, rule: `Rule ${number}`, sentence: `Alert ${number}.`, lang: "en" });

/**
 * A browser in which the viewer allowed notifications. Returns what it shows, and its elements.
 *
 * @param {{fails?: boolean, has_focus?: boolean}} [browser]
 */
function fakeBrowser({ fails = false, has_focus = false } = {}) {
  /** @type {Record<string, any>} */
  const elements = {};
  /** @type {any[]} */
  const shown = [];
  class FakeNotification {
    static permission = "granted";
    /** @param {string} title @param {{body: string, tag: string}} options */
    constructor(title, { body, tag }) {
      if (fails) throw new TypeError("Illegal constructor.");
      shown.push({ title, body, tag });
    }
  }
  const make = () => ({ textContent: "", hidden: false, addEventListener: () => {} });
  const fakes = /** @type {any} */ (globalThis);
  fakes.document = { getElementById: (/** @type {string} */ id) => (elements[id] ??= make()), hasFocus: () => has_focus };
  fakes.addEventListener = () => {};
  fakes.window = globalThis;
  fakes.isSecureContext = true;
  fakes.Notification = FakeNotification;
  Object.defineProperty(globalThis, "localStorage", { value: { getItem: () => "true", setItem: () => {} }, configurable: true });
  return { shown, elements };
}

/** @param {any} [locks] */
const started = (locks) => new Notifier(() => {}, /** @type {any} */ ({ respond: () => {} }), new TabLeader("alerts", locks));

test("up to three alerts are a notification each, more that come together are one", () => {
  const { shown } = fakeBrowser();
  const notifier = started();
  notifier.notify([1, 2, 3].map(alert));
  assert.deepEqual(shown.map(({ title, body, tag }) => [title, body, tag]), [
    ["Rule 1", "Alert 1.", "id 1"],
    ["Rule 2", "Alert 2.", "id 2"],
    ["Rule 3", "Alert 3.", "id 3"],
  ]);
  notifier.notify([1, 2, 3, 4].map(alert));
  assert.deepEqual(shown.slice(3), [{ title: "4 new alerts.", body: "Alert 4.", tag: "id 4" }]);
});

test("a page with the focus shows no notification, nor does a tab that is not the leader", () => {
  const focused = fakeBrowser({ has_focus: true });
  started().notify([alert(1)]);
  assert.deepEqual(focused.shown, []);
  const other_tab = fakeBrowser();
  started({ request: () => new Promise(() => {}) }).notify([alert(1)]);
  assert.deepEqual(other_tab.shown, []);
});

test("a browser that has notifications but lets no page show one: the list says so", () => {
  const { elements } = fakeBrowser({ fails: true });
  const notifier = started();
  assert.match(elements["notify-state"].textContent, /^Notifications are on/);
  notifier.notify([alert(1)]);
  assert.equal(elements["notify-state"].textContent, "This browser can't show notifications of a page.");
  assert.ok(elements.notify.hidden);
});
