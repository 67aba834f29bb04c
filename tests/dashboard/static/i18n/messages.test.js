import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import test from "node:test";
import { chooseLanguage, localeFor, ownName } from "../../../../dashboard/dashboard/static/i18n/language.js";
import { load } from "../../../../dashboard/dashboard/static/i18n/messages.js";
import { plurals } from "../../../../dashboard/dashboard/static/i18n/plural.js";

const STATIC = new URL("../../../../dashboard/dashboard/static/", import.meta.url);
const TEMPLATE = new URL("../templates/index.html", STATIC);
const FOLDER = new URL("../../../../dashboard/dashboard/static/i18n/locales/", import.meta.url);
const codes = readdirSync(FOLDER);
/** @type {Map<string, any>} */
const texts = new Map();
for (const code of codes) texts.set(code, await load(code));

/**
 * "page.title", "posts(2)": all texts by path, those with arguments with how many.
 *
 * @param {any} words @param {string} path @returns {string[]}
 */
function paths(words, path = "") {
  return Object.entries(words).flatMap(([name, value]) => {
    const at = path ? `${path}.${name}` : name;
    if (typeof value === "function") return [`${at}(${value.length})`];
    return typeof value === "string" ? [at] : paths(value, at);
  });
}

const english = new Set(paths(texts.get("en")));
const english_texts = new Map(leaves(texts.get("en")));

test("the template and the scripts use each text of the template, and no other", () => {
  const files = readdirSync(STATIC, { recursive: true, encoding: "utf8" });
  const scripts = files.filter((name) => name.endsWith(".js") && !/locales|vendor/.test(name));
  const code = scripts.map((name) => readFileSync(new URL(name, STATIC), "utf8")).join("");
  const template = readFileSync(TEMPLATE, "utf8").replaceAll("{{ ending }}", "csv");
  const named = [...template.matchAll(/data-(?:word|label)="(\w+)"/g)].map(([, name]) => name);
  const { page } = texts.get("en");
  assert.deepEqual(named.filter((name) => !(name in page)), [], "unknown");
  const used = (/** @type {string} */ name) => named.includes(name) || new RegExp(`page[.]${name}\\b`).test(code);
  assert.deepEqual(Object.keys(page).filter((name) => !used(name.replace(/_(json|png|svg)$/, "_csv"))), [], "unused");
});

for (const code of codes) {
  test(`${code}: the same texts as English, each with as many arguments`, () => {
    const own = new Set(paths(texts.get(code)));
    assert.deepEqual([...english].filter((path) => !own.has(path)), [], "missing");
    assert.deepEqual([...own].filter((path) => !english.has(path)), [], "unknown");
  });

  test(`${code}: no text is empty, each shows the arguments that English shows, and Intl knows the language`, () => {
    for (const [path, text] of leaves(texts.get(code))) {
      const { said, shown } = filled(text);
      assert.ok(said.trim(), path);
      assert.ok(!said.includes("undefined"), path);
      assert.deepEqual(shown, filled(english_texts.get(path)).shown, path);
    }
    assert.deepEqual(Intl.PluralRules.supportedLocalesOf(code), [code]);
  });
}

test("Spanish counts as Spanish does", () => {
  const { posts } = texts.get("es");
  assert.equal(posts("1", 1), "1 publicación");
  assert.equal(posts("1234", 1234), "1234 publicaciones");
  assert.equal(posts("2.000.000", 2_000_000), "2.000.000 de publicaciones");
});

test("a language with more forms has them from one place", () => {
  const form = plurals("pl");
  const forms = { one: "post", few: "posty", many: "postów", other: "posta" };
  assert.deepEqual([1, 3, 5, 1.5].map((value) => form(value, forms)), ["post", "posty", "postów", "posta"]);
});

test("the address wins, then what was chosen before, then the browser", () => {
  const offered = ["en", "es"];
  assert.equal(chooseLanguage(["es", "en", "en-GB"], offered), "es");
  assert.equal(chooseLanguage([null, "es", "en-GB"], offered), "es");
  assert.equal(chooseLanguage([null, null, "pt-BR", "es-MX", "en"], offered), "es");
  assert.equal(chooseLanguage(["xx", null, "pt"], offered), "en");
});

test("numbers and times have the form of the reader's country", () => {
  assert.equal(localeFor("es", ["en-US", "es-MX"], "es"), "es-MX");
  assert.equal(localeFor("es", ["es", "en-US"], "es"), "es");
});

test("a language is named in itself", () => assert.deepEqual(["en", "es"].map(ownName), ["English", "Español"]));

/** A text with its arguments filled in, and the places of the arguments that it shows. @param {any} text */
function filled(text) {
  if (typeof text === "string") return { said: text, shown: [] };
  const values = Array.from({ length: text.length }, (_, place) => place + 11);
  const said = String(text(...values));
  return { said, shown: values.filter((value) => said.includes(String(value))) };
}

/** @param {any} words @param {string} path @returns {[string, any][]} */
function leaves(words, path = "") {
  return Object.entries(words).flatMap(([name, value]) =>
    typeof value === "object" ? leaves(value, `${path}.${name}`) : [/** @type {[string, any]} */ ([`${path}.${name}`, value])],
  );
}
