/** All texts of the page, in the language that it speaks. Each language is a file in locales/; the server lists them. */

import { chooseLanguage, localeFor, remembered } from "./language.js";

/** @typedef {typeof import("./locales/en.js").words} Words */

const { document: page, location: place, navigator: browser } = globalThis;
const preferred = browser?.languages ?? [];

/** Codes of the languages that there are. */
export const languages = page?.documentElement.dataset.languages?.split(" ") ?? ["en"];

const asked = new URLSearchParams(place?.search).get("locale");

export const language = chooseLanguage([asked, page && remembered(), ...preferred], languages);

/** @type {Words} */
export const words = (await import(`./locales/${language}.js`)).words;

/** How numbers and times are written. */
export const locale = localeFor(language, preferred, words.locale);

/** Write the texts that the template names. @param {Document} page */
export function fillWords(page) {
  page.documentElement.lang = language;
  for (const element of page.querySelectorAll("[data-word]")) {
    element.textContent = words.page[element.getAttribute("data-word") ?? ""];
  }
  for (const element of page.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", words.page[element.getAttribute("data-label") ?? ""]);
  }
}
