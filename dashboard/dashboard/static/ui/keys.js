/** Keys that work on the whole page. */

/** In these elements a key types a letter, or it does something else. */
const TYPING = "input:not([type=radio], [type=range], [type=checkbox]), select, textarea, dialog[open] *";

/**
 * Is it this key, without another one, and outside of a field?
 *
 * @param {KeyboardEvent} event @param {string} wanted
 */
export function isPageKey({ key, target, altKey, ctrlKey, metaKey, isComposing, defaultPrevented }, wanted) {
  if (key !== wanted || altKey || ctrlKey || metaKey || isComposing || defaultPrevented) return false;
  return !(target instanceof Element && target.matches(TYPING));
}
