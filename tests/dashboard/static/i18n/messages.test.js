import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import test from "node:test";
import { chooseLanguage, localeFor, ownName } from "../../../../dashboard/dashboard/static/i18n/language.js";
import { load } from "../../../../dashboard/dashboard/static/i18n/messages.js";
import { plurals } from "../../../../dashboard/dashboard/static/i18n/plural.js";

const STATIC = new URL("../../../../dashboard/dashboard/static/", import.meta.url);
const TEMPLATES = ["index.html", "dialogs.html"].map((name) => new URL(`../templates/${name}`, STATIC));
const FOLDER = new URL("../../../../dashboard/dashboard/static/i18n/locales/", import.meta.url);
const codes = readdirSync(FOLDER);
/** @type {Map<string, any>} */
const texts = new Map();
for (const code of codes) texts.set(code, await load(code));

/**
 * The paths of all texts: "page.title"; texts with arguments have their number: "posts(2)".
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
  const template = TEMPLATES.map((url) => readFileSync(url, "utf8")).join("").replaceAll("{{ ending }}", "csv");
  const named = [...template.matchAll(/data-(?:word|label)="(\w+)"/g)].map(([, name]) => name);
  const { page } = texts.get("en");
  assert.deepEqual(named.filter((name) => !(name in page)), [], "unknown");
  const used = (/** @type {string} */ name) => named.includes(name) || new RegExp(`page[.]${name}\\b`).test(code);
  assert.deepEqual(Object.keys(page).filter((name) => !used(name.replace(/_(json|png|svg)$/, "_csv"))), [], "unused");
});

for (const code of codes) {
  test(`${code}: the same texts as English, each with the same number of arguments`, () => {
    const own = new Set(paths(texts.get(code)));
    assert.deepEqual([...english].filter((path) => !own.has(path)), [], "missing");
    assert.deepEqual([...own].filter((path) => !english.has(path)), [], "unknown");
  });

  test(`${code}: no text is empty, each displays the same arguments as English, and Intl knows the language`, () => {
    for (const [path, text] of leaves(texts.get(code))) {
      const { result, displayed } = fill(text);
      assert.ok(result.trim(), path);
      assert.ok(!result.includes("undefined"), path);
      assert.deepEqual(displayed, fill(english_texts.get(path)).displayed, path);
    }
    assert.deepEqual(Intl.PluralRules.supportedLocalesOf(code), [code]);
  });
}

test("Spanish has its plural forms", () => {
  const { posts } = texts.get("es");
  assert.equal(posts("1", 1), "1 publicación");
  assert.equal(posts("1234", 1234), "1234 publicaciones");
  assert.equal(posts("2.000.000", 2_000_000), "2.000.000 de publicaciones");
});

test("a language with more plural forms gets the right one", () => {
  const form = plurals("pl");
  const forms = { one: "post", few: "posty", many: "postów", other: "posta" };
  assert.deepEqual([1, 3, 5, 1.5].map((value) => form(value, forms)), ["post", "posty", "postów", "posta"]);
});

test("the address has priority, then the stored choice, then the browser", () => {
  const available = ["en", "es"];
  assert.equal(chooseLanguage(["es", "en", "en-GB"], available), "es");
  assert.equal(chooseLanguage([null, "es", "en-GB"], available), "es");
  assert.equal(chooseLanguage([null, null, "pt-BR", "es-MX", "en"], available), "es");
  assert.equal(chooseLanguage(["xx", null, "pt"], available), "en");
});

test("numbers and times have the format of the viewer's country", () => {
  assert.equal(localeFor("es", ["en-US", "es-MX"], "es"), "es-MX");
  assert.equal(localeFor("es", ["es", "en-US"], "es"), "es");
});

test("a language is named in that language", () => assert.deepEqual(["en", "es"].map(ownName), ["English", "Español"]));

/** Fill in the arguments of a text; returns the result, and the arguments that are in it. @param {any} text */
function fill(text) {
  if (typeof text === "string") return { result: text, displayed: [] };
  const values = Array.from({ length: text.length }, (_, place) => place + 11);
  const result = String(text(...values));
  return { result, displayed: values.filter((value) => result.includes(String(value))) };
}

/** @param {any} words @param {string} path @returns {[string, any][]} */
function leaves(words, path = "") {
  return Object.entries(words).flatMap(([name, value]) =>
    typeof value === "object" ? leaves(value, `${path}.${name}`) : [/** @type {[string, any]} */ ([`${path}.${name}`, value])],
  );
}
