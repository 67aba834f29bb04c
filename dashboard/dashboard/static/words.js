/** The language of the page: the first that the browser asks for and that there is, else English. */

import { en } from "./words/en.js";

/** @typedef {typeof en} Words */

/** @type {Record<string, Words>} */
const languages = { en };

/** @param {readonly string[]} wanted language tags, best first @returns {Words} */
export function choose(wanted) {
  const found = wanted.map((tag) => tag.split("-")[0].toLowerCase()).find((code) => code in languages);
  return languages[found ?? "en"];
}

export const words = choose(globalThis.navigator?.languages ?? []);

/** Write the texts that the template names. @param {Document} page */
export function fillWords(page) {
  page.documentElement.lang = words.locale.split("-")[0];
  for (const element of page.querySelectorAll("[data-word]")) {
    element.textContent = words.page[element.getAttribute("data-word") ?? ""];
  }
  for (const element of page.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", words.page[element.getAttribute("data-label") ?? ""]);
  }
}
