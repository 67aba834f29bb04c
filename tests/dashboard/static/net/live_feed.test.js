import assert from "node:assert/strict";
import test from "node:test";
import { DEFAULT_VIEW } from "../../../../dashboard/dashboard/static/model/address.js";
import { LiveFeed, isNewer } from "../../../../dashboard/dashboard/static/net/live_feed.js";

/** @param {number} epoch @param {number} seq @param {string} ranking @returns {any} */
const at = (epoch, seq, ranking = "window") => ({ epoch, seq, view: { ranking, source: null, lang: null } });

test("the snapshot with the greater epoch, then the greater seq, is newer", () => {
  assert.ok(isNewer(at(1, 1), null));
  assert.ok(isNewer(at(1, 2), at(1, 1)));
  assert.ok(isNewer(at(2, 1), at(1, 9)));
  assert.ok(!isNewer(at(1, 1), at(1, 1)));
  assert.ok(!isNewer(at(1, 9), at(2, 1)));
});

test("the same snapshot of another view counts as newer", () => {
  assert.ok(isNewer(at(1, 1, "total"), at(1, 1)));
});

/** A browser whose connection is the test's. @param {import("node:test").TestContext} context */
function browser(context) {
  /** @type {any} */
  const here = {
    now_ms: 1_000,
    /** @type {Record<string, (...values: any[]) => void>} */
    on: {},
    /** @type {((error: unknown, response: unknown) => void)[]} */
    requests: [],
  };
  const socket = {
    connected: false,
    on: (/** @type {string} */ event, /** @type {() => void} */ handle) => (here.on[event] = handle),
    io: { on: () => {}, engine: null },
    timeout: () => ({ emit: (/** @type {any[]} */ ...values) => here.requests.push(values.at(-1)) }),
  };
  here.socket = socket;
  Object.assign(globalThis, { io: () => socket, addEventListener: () => {}, document: { addEventListener: () => {} } });
  context.mock.method(performance, "now", () => here.now_ms);
  return here;
}

test("a new connection is no response: before it, nobody knows whether there is a newer snapshot", (context) => {
  const here = browser(context);
  const nothing = () => {};
  const handlers = { onSnapshot: nothing, onConnection: nothing, onViewRefused: nothing, onAlert: nothing };
  const feed = new LiveFeed(DEFAULT_VIEW, handlers);
  const snapshot = { epoch: 1, seq: 1, view: DEFAULT_VIEW };
  here.on["snapshot"]({ ...snapshot, age_ms: 0 });
  here.now_ms += 20_000;
  here.socket.connected = true;
  here.on["connect"]();
  assert.equal(feed.age_ms, 20_000);
  assert.ok(!feed.is_responding);
  here.now_ms += 100;
  here.requests.at(-1)(null, { ...snapshot, age_ms: 20_100 });
  assert.equal(feed.age_ms, 20_100);
  assert.ok(feed.is_responding);
});
