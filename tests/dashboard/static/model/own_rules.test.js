import assert from "node:assert/strict";
import test from "node:test";
import {
  COOLDOWN_MS, evaluate, parseOwnAlerts, parseRules, parseStates, withAlerts, withRule, withoutRule,
} from "../../../../dashboard/dashboard/static/model/own_rules.js";

const START_MS = 1_795_176_000_000;
const RULE = { key: "x", label: "X", top: 3 };

/**
 * A snapshot in which "x" has a rank; null: it is not in the list.
 *
 * @param {number | null} rank @param {number} at_ms after the start @param {object} [changes] @returns {any}
 */
function snapshot(rank, at_ms, changes = {}) {
  const top = Array.from({ length: 20 }, (_, place) => {
    const key = place + 1 === rank ? "x" : `other${place}`;
    return { key, label: key.toUpperCase(), rank: place + 1, posts: 310 - place, authors: 241 };
  });
  const window = { from_ms: START_MS + at_ms - 300_000, to_ms: START_MS + at_ms };
  const coverage = { from_ms: window.from_ms, missing_ms: 0 };
  return { top, ...window, coverage, pane_seconds: 10, window_seconds: 300, ...changes };
}

/** When the rule fired. @param {[number | null, number, object?][]} steps rank and time of each snapshot */
function firedAt(steps) {
  /** @type {Record<string, import("../../../../dashboard/dashboard/static/model/own_rules.js").RuleState>} */
  let states = {};
  const fired = [];
  for (const [rank, at_ms, changes] of steps) {
    const evaluated = evaluate([RULE], states, snapshot(rank, at_ms, changes));
    states = evaluated.states;
    fired.push(...evaluated.fired.map((alert) => alert.at_ms - START_MS));
  }
  return fired;
}

test("a rule fires when the tag enters, once, with the numbers of that moment", () => {
  assert.deepEqual(firedAt([[4, 0], [3, 1_000], [2, 2_000], [1, 3_000]]), [1_000]);
  const { fired } = evaluate([RULE], { "3 x": { armed: true, fired_at_ms: null } }, snapshot(2, 1_000));
  const numbers = { rank: 2, posts: 309, authors: 241, window_seconds: 300 };
  const id = `own/3 x/${Math.floor((START_MS + 1_000) / 10_000)}`;
  assert.deepEqual(fired, [{ id, at_ms: START_MS + 1_000, key: "x", label: "X", top: 3, ...numbers }]);
});

test("a state that was true when the rule was made does not fire", () => {
  assert.deepEqual(firedAt([[2, 0], [1, 1_000], [3, 2_000]]), []);
  assert.deepEqual(firedAt([[2, 0], [9, 1_000], [3, 2_000]]), [2_000]);
});

test("a tag that hovers at the threshold does not fire again", () => {
  const HOUR = COOLDOWN_MS;
  assert.deepEqual(firedAt([[4, 0], [3, 1_000], [5, HOUR + 2_000], [3, HOUR + 3_000]]), [1_000]);
  assert.deepEqual(firedAt([[4, 0], [3, 1_000], [6, HOUR + 2_000], [3, HOUR + 3_000]]), [1_000, HOUR + 3_000]);
  // It is missing in the list: it has left.
  assert.deepEqual(firedAt([[4, 0], [3, 1_000], [null, HOUR + 2_000], [3, HOUR + 3_000]]), [1_000, HOUR + 3_000]);
  /** @type {[number, number][]} */
  const minutes = Array.from({ length: 360 }, (_, step) => [step % 2 ? 3 : 20, step * 10_000]);
  assert.deepEqual(firedAt(minutes), [10_000]);
});

test("the margin is at least two places, and half of the places", () => {
  for (const [top, last] of [[1, 3], [3, 5], [10, 15]]) {
    const rule = { ...RULE, top };
    const after = (/** @type {number} */ rank) =>
      evaluate([rule], { [`${top} x`]: { armed: false, fired_at_ms: null } }, snapshot(rank, 0)).states[`${top} x`].armed;
    assert.deepEqual([after(last), after(last + 1)], [false, true]);
  }
});

test("a window that is not whole does not arm a rule again, as after a restart of counting", () => {
  const partial = { coverage: { from_ms: START_MS + COOLDOWN_MS, missing_ms: 0 } };
  assert.deepEqual(firedAt([[4, 0], [3, 1_000], [null, COOLDOWN_MS + 2_000, partial], [3, COOLDOWN_MS + 3_000]]), [1_000]);
  const lost = { coverage: { from_ms: 0, missing_ms: 20_000 } };
  assert.deepEqual(firedAt([[4, 0], [3, 1_000], [null, COOLDOWN_MS + 2_000, lost], [3, COOLDOWN_MS + 3_000]]), [1_000]);
});

test("states of rules that were removed are forgotten", () => {
  const { states } = evaluate([RULE], { "1 y": { armed: true, fired_at_ms: null } }, snapshot(7, 0));
  assert.deepEqual(states, { "3 x": { armed: true, fired_at_ms: null } });
});

test("a rule is in the list once, and the list is bounded", () => {
  assert.deepEqual(withRule([RULE], { ...RULE, label: "other spelling" }), [RULE]);
  assert.equal(withRule([RULE], { ...RULE, top: 10 }).length, 2);
  const full = Array.from({ length: 100 }, (_, place) => ({ ...RULE, key: String(place) }));
  assert.equal(withRule(full, RULE), full);
  assert.deepEqual(withoutRule([RULE, { ...RULE, top: 1 }], RULE), [{ ...RULE, top: 1 }]);
});

test("an alert is stored once, and only the newest are", () => {
  const alert = evaluate([RULE], { "3 x": { armed: true, fired_at_ms: null } }, snapshot(1, 0)).fired[0];
  assert.deepEqual(withAlerts([alert], [alert]), [alert]);
  const many = Array.from({ length: 60 }, (_, place) => ({ ...alert, id: String(place) }));
  assert.deepEqual(withAlerts(many, [alert]).length, 50);
  assert.equal(withAlerts(many, [alert]).at(-1), alert);
});

test("what the browser stored may be anything", () => {
  for (const stored of [null, "x", 7, {}, [1, null, {}, { key: "", label: "", top: 3 }, { key: "a", label: "A", top: 4 }]]) {
    assert.deepEqual(parseRules(stored), []);
    assert.deepEqual(parseOwnAlerts(stored), []);
  }
  assert.deepEqual(parseRules([{ ...RULE, more: 1 }]), [RULE]);
  for (const stored of [null, "x", 7, [1], { "3 x": null, "1 x": { armed: 1, fired_at_ms: null }, y: { armed: true } }]) {
    assert.deepEqual(parseStates(stored), {});
  }
  const states = { "3 x": { armed: true, fired_at_ms: 5 } };
  assert.deepEqual(parseStates(states), states);
});
