/** The links to the page in other languages. */

import { formatAddress } from "../model/address.js";
import { make } from "../ui/dom.js";
import { ownName, storeLocale } from "../i18n/language.js";

/** @typedef {import("../model/address.js").Address} Address */

/**
 * Add a link for each other language. A click stores the language and reloads the page, with the focus where it was;
 * the address does not get the language. A copied link has the language.
 *
 * @param {HTMLElement} element @param {string[]} others their codes @param {() => Address} address the current one
 */
export function showLanguageLinks(element, others, address) {
  element.append(...others.map((code) => link(code, address)));
  if (history.state?.focus !== element.id) return;
  history.replaceState(null, "");
  element.querySelector("a")?.focus();
}

/** @param {string} code @param {() => Address} address */
function link(code, address) {
  const hrefFor = (/** @type {string | null} */ locale) => formatAddress({ ...address(), locale }) || location.pathname;
  const anchor = make("a", "control", ownName(code));
  anchor.lang = anchor.hreflang = code;
  anchor.href = hrefFor(code);
  anchor.addEventListener("focus", () => (anchor.href = hrefFor(code)));
  anchor.addEventListener("pointerenter", () => (anchor.href = hrefFor(code)));
  anchor.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    history.replaceState({ focus: anchor.parentElement?.id }, "", hrefFor(storeLocale(code) ? null : code));
    location.reload();
  });
  return anchor;
}
