import assert from "node:assert/strict";
import test from "node:test";
import { OwnRules } from "../../../../dashboard/dashboard/static/alerts/own_rules.js";
import { DEFAULT_VIEW } from "../../../../dashboard/dashboard/static/model/address.js";
import { TabLeader } from "../../../../dashboard/dashboard/static/ui/tab_leader.js";

const START_MS = 1_795_176_000_000;
const RULE = { key: "x", label: "X", top: 3 };

/** A browser with one tab. Returns the function that tells the tab about a change of another tab. */
function fakeBrowser() {
  /** @type {Map<string, string>} */
  const stored = new Map();
  /** @type {((event: {key: string}) => void)[]} */
  const listeners = [];
  const storage = {
    getItem: (/** @type {string} */ name) => stored.get(name) ?? null,
    setItem: (/** @type {string} */ name, /** @type {string} */ value) => stored.set(name, value),
  };
  Object.defineProperty(globalThis, "localStorage", { value: storage, configurable: true });
  const fakes = /** @type {any} */ (globalThis);
  fakes.addEventListener = (/** @type {string} */ _name, /** @type {any} */ listener) => listeners.push(listener);
  return (/** @type {string} */ name, /** @type {unknown} */ value) => {
    stored.set(name, JSON.stringify(value));
    for (const listener of listeners) listener({ key: name });
  };
}

/** @param {number} rank of x @param {number} at_ms after the start @param {object} [view] @returns {any} */
function snapshot(rank, at_ms, view = {}) {
  const to_ms = START_MS + at_ms;
  const top = [{ key: "x", label: "X", rank, posts: 310, authors: null }];
  const window = { from_ms: to_ms - 300_000, to_ms, coverage: { from_ms: to_ms - 300_000, missing_ms: 0 } };
  return { view: { ...DEFAULT_VIEW, ...view }, top, ...window, pane_seconds: 10, window_seconds: 300 };
}

/** Rules, and when they fired. @param {any} [locks] */
function started(locks) {
  /** @type {number[]} */
  const fired = [];
  const leader = new TabLeader("alerts", locks);
  const rules = new OwnRules(leader, {
    onFired: (alerts) => fired.push(...alerts.map(({ at_ms }) => at_ms - START_MS)),
    onChange: () => {},
  });
  return { rules, fired };
}

test("a new rule has the state of the newest window, so the next entry fires", async () => {
  fakeBrowser();
  const { rules, fired } = started();
  await rules.onSnapshot(snapshot(5, 0));
  rules.add(RULE);
  await rules.onSnapshot(snapshot(2, 1_000));
  assert.deepEqual(fired, [1_000]);
});

test("a rule that another tab has made is evaluated too, and its removal ends that", async () => {
  const changeElsewhere = fakeBrowser();
  const { rules, fired } = started();
  await rules.onSnapshot(snapshot(5, 0));
  changeElsewhere("alert-rules", [RULE]);
  changeElsewhere("alert-rules", []);
  await rules.onSnapshot(snapshot(2, 1_000));
  assert.deepEqual(fired, []);
  await rules.onSnapshot(snapshot(6, 2_000));
  changeElsewhere("alert-rules", [RULE]);
  await rules.onSnapshot(snapshot(2, 3_000));
  assert.deepEqual(fired, [3_000]);
});

test("a tab without the lock evaluates nothing until it gets it, then it goes on", async () => {
  fakeBrowser();
  /** @type {(() => unknown)[]} */
  const waiting = [];
  const { rules, fired } = started({
    request: (/** @type {string} */ _name, /** @type {() => unknown} */ hold) => new Promise(() => waiting.push(hold)),
  });
  rules.add(RULE);
  await rules.onSnapshot(snapshot(5, 0));
  await rules.onSnapshot(snapshot(2, 1_000));
  assert.equal(localStorage.getItem("alert-rule-states"), null);
  localStorage.setItem("alert-rule-states", JSON.stringify({ "3 x": { armed: true, fired_at_ms: null } }));
  assert.equal(waiting.length, 1);
  waiting[0]();
  assert.deepEqual(fired, [1_000]);
});

test("with another view the window of all posts is requested, at most every ten seconds", async () => {
  fakeBrowser();
  const { rules, fired } = started();
  await rules.onSnapshot(snapshot(5, 0));
  rules.add(RULE);
  /** @type {string[]} */
  const requests = [];
  globalThis.fetch = async (path) => {
    requests.push(String(path));
    return new Response(JSON.stringify(snapshot(1, 1_000)));
  };
  for (const at_ms of [1_000, 2_000, 10_999]) await rules.onSnapshot(snapshot(9, at_ms, { lang: "es" }));
  assert.deepEqual(requests, [`/api/windows?at_ms=${START_MS + 1_000}&reserve=true`]);
  assert.deepEqual(fired, [1_000]);
  globalThis.fetch = async () => new Response("{}", { status: 503 });
  await rules.onSnapshot(snapshot(9, 11_000, { lang: "es" }));
  assert.deepEqual(fired, [1_000]);
});

test("a browser whose storage is full fires once, and forgets no rule while the page is open", async () => {
  fakeBrowser();
  const { rules, fired } = started();
  rules.add(RULE);
  await rules.onSnapshot(snapshot(5, 0));
  const full = () => {
    throw new DOMException("full", "QuotaExceededError");
  };
  Object.defineProperty(globalThis, "localStorage", { value: { ...localStorage, setItem: full }, configurable: true });
  for (const [rank, at_ms] of [[2, 10_000], [2, 20_000], [1, 30_000]]) await rules.onSnapshot(snapshot(rank, at_ms));
  assert.deepEqual(fired, [10_000]);
  rules.add({ ...RULE, top: 1 });
  rules.add({ ...RULE, top: 10 });
  assert.deepEqual(rules.of("x").map(({ top }) => top), [1, 3, 10]);
  rules.remove(RULE);
  assert.deepEqual(rules.of("x").map(({ top }) => top), [1, 10]);
});

test("a browser that stores nothing evaluates the rules as long as the page is open", async () => {
  fakeBrowser();
  const refuse = () => {
    throw new DOMException("refused", "SecurityError");
  };
  Object.defineProperty(globalThis, "localStorage", { value: { getItem: refuse, setItem: refuse }, configurable: true });
  const { rules, fired } = started();
  rules.add(RULE);
  for (const [rank, at_ms] of [[5, 0], [2, 1_000], [1, 2_000]]) await rules.onSnapshot(snapshot(rank, at_ms));
  assert.deepEqual(fired, [1_000]);
});
