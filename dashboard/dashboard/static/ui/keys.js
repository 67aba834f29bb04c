/** Keys that work on the whole page. */

/** In these elements a key types a letter, or it does something else. */
const TYPING = "input:not([type=radio], [type=range], [type=checkbox]), select, textarea, dialog[open] *";
const TAG = "#/tag/";

/**
 * Is it this key, without another one, and outside of a field?
 *
 * @param {KeyboardEvent} event @param {string} wanted
 */
export function isPageKey({ key, target, altKey, ctrlKey, metaKey, isComposing, defaultPrevented }, wanted) {
  if (key !== wanted || altKey || ctrlKey || metaKey || isComposing || defaultPrevented) return false;
  return !(target instanceof Element && target.matches(TYPING));
}

/** The hashtag of a list that has the focus; null if none has it. */
export function focusedTag() {
  const element = /** @type {HTMLAnchorElement | null} */ (document.querySelector(`main a[href^='${TAG}']:focus`));
  if (element === null) return null;
  return { element, key: decodeURIComponent(element.hash.slice(TAG.length)), label: (element.textContent ?? "").slice(1) };
}
