import assert from "node:assert/strict";
import test from "node:test";
import { DEFAULT_VIEW, RISING_VIEW, formatAddress, panelHash, parseAddress } from "../../../../dashboard/dashboard/static/model/address.js";

const DEFAULTS = parseAddress("", "");

test("an empty URL names no view", () => {
  assert.deepEqual(DEFAULTS, {
    view: null,
    top: null,
    at_ms: null,
    step: null,
    pins: [],
    panel: null,
    table: false,
    fold: false,
    wall: false,
    locale: null,
    embed: false,
    lesson: false,
  });
  assert.equal(formatAddress(DEFAULTS), "");
});

for (const address of [
  "?view=batch",
  "?view=rising",
  "?view=rising&at=1795176000000",
  "?view=window",
  "?by=authors",
  "?source=bluesky&by=authors&top=20",
  "?view=total&top=20",
  "?source=bluesky&pin=worldcup",
  "?locale=es&pin=a&pin=&pin=c",
  "?lang=es&pin=m%C3%BAsica&pin=a%26b#/compare",
  "?at=1795176000000&table#/tag/a%2Fb%20%25",
  "?step=day",
  "?at=1795176000000&step=hour&pin=rain",
  "?wall",
  "?view=window&fold&wall",
  "?lang=es&top=20&embed",
  "?locale=es&lesson",
]) {
  test(`${address} is parsed and formatted to the same URL`, () => {
    const { search, hash } = new URL(address, "http://localhost");
    const again = formatAddress(parseAddress(search, hash));
    assert.deepEqual(parseAddress(...split(again)), parseAddress(search, hash));
    assert.equal(again, address);
  });
}

test("invalid parameters are ignored", () => {
  for (const search of ["?view=sideways", "?by=length", "?top=0", "?top=21", "?top=ten", "?at=-1", "?at=1e9", "?step=week", "?pin=", "?source="]) {
    assert.deepEqual(parseAddress(search, ""), DEFAULTS, search);
  }
  for (const hash of ["#/tag/", "#/tag/%", "#/elsewhere", "#"]) assert.equal(parseAddress("", hash).panel, null, hash);
});

test("the URL of a past time has the view to return to", () => {
  assert.deepEqual(parseAddress("?view=batch&at=1000", "").view, { ...DEFAULT_VIEW, ranking: "batch" });
  assert.equal(formatAddress(parseAddress("?lang=es&at=1000", "")), "?lang=es&at=1000");
});

test("a URL that names a view keeps it, and a source or a language is the window", () => {
  assert.deepEqual(parseAddress("?view=window", "").view, DEFAULT_VIEW);
  assert.deepEqual(parseAddress("?view=rising", "").view, RISING_VIEW);
  assert.deepEqual(parseAddress("?view=window&lang=es", "").view, { ...DEFAULT_VIEW, lang: "es" });
  // Only the window is ranked by people.
  assert.deepEqual(parseAddress("?view=total&by=authors", "").view, { ...DEFAULT_VIEW, ranking: "total" });
});

test("at most five pins, each once, and each at its place", () => {
  assert.deepEqual(parseAddress("?pin=a&pin=b&pin=c&pin=d&pin=e&pin=f", "").pins, ["a", "b", "c", "d", "e"]);
  assert.deepEqual(parseAddress("?pin=a&pin=a&pin=&pin=d&pin=", "").pins, ["a", null, null, "d"]);
});

test("a page has one form: the lesson, which has controls, is in no frame and on no wall, and has no panel", () => {
  assert.equal(parseAddress("?lesson&embed", "").lesson, false);
  assert.equal(parseAddress("?lesson&wall", "").lesson, false);
  assert.equal(parseAddress("?lesson", "#/tag/worldcup").panel, null);
});

test("the hash has the key of the tag whose panel is open", () => {
  assert.equal(panelHash({ name: "tag", key: "كأس" }), "#/tag/%D9%83%D8%A3%D8%B3");
  assert.equal(panelHash(null), "");
});

/** @param {string} address @returns {[string, string]} */
function split(address) {
  const { search, hash } = new URL(address, "http://localhost");
  return [search, hash];
}
