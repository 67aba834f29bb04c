/** The links to the page in its other languages. */

import { formatAddress } from "../model/address.js";
import { make } from "../ui/dom.js";
import { ownName, remember } from "../i18n/language.js";

/** @typedef {import("../model/address.js").Address} Address */

/**
 * A link for each language that is not spoken now. A click is remembered, and leaves the address as it is for others; a
 * copied link names the language. The page begins anew, with the focus where it was.
 *
 * @param {HTMLElement} element @param {string[]} others codes @param {() => Address} address of now
 */
export function offerLanguages(element, others, address) {
  element.append(...others.map((code) => link(code, address)));
  if (history.state?.focus !== element.id) return;
  history.replaceState(null, "");
  element.querySelector("a")?.focus();
}

/** @param {string} code @param {() => Address} address */
function link(code, address) {
  const to = (/** @type {string | null} */ locale) => formatAddress({ ...address(), locale }) || location.pathname;
  const made = make("a", "control", ownName(code));
  made.lang = made.hreflang = code;
  made.href = to(code);
  made.addEventListener("focus", () => (made.href = to(code)));
  made.addEventListener("pointerenter", () => (made.href = to(code)));
  made.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    history.replaceState({ focus: made.parentElement?.id }, "", to(remember(code) ? null : code));
    location.reload();
  });
  return made;
}
