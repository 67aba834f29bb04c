import assert from "node:assert/strict";
import test from "node:test";
import {
  badgeText, listedAlert, listedOwnAlert, MAX_LISTED, merged, notificationState, parseSeen, summaryOfAlerts,
} from "../../../../dashboard/dashboard/static/model/alerts.js";

const TEXT = { en: "#X entered the top 3.", es: "#X entró en el top 3." };
/** @type {any} */
const STORED = { id: "1/2/a/x", rule: "a", when: "enters", at_ms: 5, key: "x", label: "X", text: TEXT };
const OWN = {
  ...{ id: "own/3 x/7", at_ms: 9, key: "x", label: "X", top: 3, rank: 2, posts: 310, authors: 241, window_seconds: 300 },
};
/** @param {string} id @param {number} at_ms @returns {any} */
const listed = (id, at_ms) => ({ id, at_ms });

test("a stored alert has its sentence in the language of the page, or in English", () => {
  const { sentence, lang, rises } = listedAlert(STORED, "es");
  assert.deepEqual([sentence, lang, rises], [TEXT.es, "es", false]);
  assert.deepEqual([listedAlert(STORED, "pl").sentence, listedAlert(STORED, "pl").lang], [TEXT.en, "en"]);
  const { key, label } = listedAlert({ ...STORED, when: "stream", key: undefined, label: undefined }, "en");
  assert.deepEqual([key, label], [null, ""]);
  assert.ok(listedAlert({ ...STORED, when: "rises" }, "en").rises);
});

test("an alert of an own rule says what, how much and from how many people", () => {
  const text = "#X reached the top 3: 310 posts in 5 minutes, from 241 people.";
  assert.equal(listedOwnAlert(OWN, "en").sentence, text);
  assert.equal(listedOwnAlert({ ...OWN, top: 1, authors: null }, "en").sentence, "#X reached first place: 310 posts in 5 minutes.");
});

test("the list has each alert once, the newest first, and is bounded", () => {
  const [a, b, c] = [listed("a", 1), listed("b", 3), listed("c", 2)];
  assert.deepEqual(merged([a, b], [b, c]), [b, c, a]);
  const [first, second] = [listed("1/first", 5), listed("1/second", 5)];
  for (const one of [[first, second], [second, first]]) assert.deepEqual(merged(one, []), [first, second]);
  const many = Array.from({ length: MAX_LISTED }, (_, place) => listed(String(place), place + 10));
  assert.equal(merged(many, [a]).length, MAX_LISTED);
  assert.ok(!merged(many, [a]).includes(a));
});

test("the badge has the number of new alerts", () => {
  assert.deepEqual([0, 1, 99, 100].map(badgeText), ["", "1", "99", "99+"]);
});

test("several alerts are announced together; of many only the number and the last", () => {
  assert.equal(summaryOfAlerts(["One.", "Two."]), "One. Two.");
  assert.equal(summaryOfAlerts(["One.", "Two.", "Three.", "Four."]), "4 new alerts. Four.");
});

test("what the browser stored as seen may be anything", () => {
  for (const stored of [null, 7, "x", {}, [1, null]]) assert.equal(parseSeen(stored).size, 0);
  assert.deepEqual([...parseSeen(["a", 2, "b"])], ["a", "b"]);
});

test("the page says why the browser shows no notifications", () => {
  /** @type {Parameters<typeof notificationState>[0]} */
  const browser = { is_secure: true, is_supported: true, permission: "granted", wanted: true };
  assert.equal(notificationState(browser), "on");
  assert.equal(notificationState({ ...browser, wanted: false }), "off");
  assert.equal(notificationState({ ...browser, permission: "default" }), "off");
  assert.equal(notificationState({ ...browser, permission: "denied" }), "blocked");
  assert.equal(notificationState({ ...browser, is_supported: false }), "unsupported");
  assert.equal(notificationState({ ...browser, is_secure: false, is_supported: false }), "insecure");
});
