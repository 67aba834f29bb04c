/** All texts of the page, in one language. Each language is a folder in locales/; the server lists the folders. */

import { chooseLanguage, localeFor, storedLocale } from "./language.js";

/**
 * @typedef {typeof import("./locales/en/page.js").words & typeof import("./locales/en/board.js").words
 *   & typeof import("./locales/en/status.js").words
 *   & typeof import("./locales/en/rising.js").words
 *   & typeof import("./locales/en/tags.js").words
 *   & typeof import("./locales/en/number.js").words
 *   & typeof import("./locales/en/alerts.js").words
 *   & typeof import("./locales/en/lesson.js").words
 *   & typeof import("./locales/en/faults.js").words} Words
 */

/** Files of a language. All are requested at once. */
const PARTS = ["page", "board", "rising", "status", "tags", "number", "alerts", "lesson", "faults"];

const { document: page, location: place, navigator: browser } = globalThis;
const preferred = browser?.languages ?? [];

/** Codes of the available languages. */
export const languages = page?.documentElement.dataset.languages?.split(" ") ?? ["en"];

const from_address = new URLSearchParams(place?.search).get("locale");

export const language = chooseLanguage([from_address, page && storedLocale(), ...preferred], languages);

/** @type {Words} */
export const words = await load(language);

/** The locale for numbers and times. */
export const locale = localeFor(language, preferred, words.locale);

/** Load the texts of a language. @param {string} code of the language @returns {Promise<Words>} */
export async function load(code) {
  const parts = await Promise.all(PARTS.map((part) => import(`./locales/${code}/${part}.js`)));
  return Object.assign({}, ...parts.map((part) => part.words));
}

/** Set the texts that the template names by `data-word` and `data-label`. @param {Document} page */
export function fillTexts(page) {
  page.documentElement.lang = language;
  for (const element of page.querySelectorAll("[data-word]")) {
    element.textContent = words.page[element.getAttribute("data-word") ?? ""];
  }
  for (const element of page.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", words.page[element.getAttribute("data-label") ?? ""]);
  }
}
