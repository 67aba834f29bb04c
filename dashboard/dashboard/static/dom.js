/** Small helpers for the document. Texts of people go into it as text, never as HTML. */

/** The element with an id that the template has. @param {string} id @returns {HTMLElement} */
export function byId(id) {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`The page has no element ${id}.`);
  return element;
}

/**
 * Write only what changed: a live region speaks at every write, and each write costs a layout.
 *
 * @param {Element} element @param {string} text
 */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * A new element.
 *
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name @param {string} [className] @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function make(name, className = "", ...children) {
  const element = document.createElement(name);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

/**
 * A hashtag as text that keeps its direction to itself; what does not fit is cut at its own end.
 *
 * @param {HTMLElement} element @param {string} label
 */
export function writeTag(element, label) {
  const text = `#${label}`;
  element.dir = "auto";
  write(element, text);
  element.title = text;
}
