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
 * Write a sentence in which the server is quoted: what it says is English in every language of the page.
 *
 * @param {Element} element @param {string} text @param {string[]} quotes parts of the text, wherever they stand
 */
export function writeQuoting(element, text, quotes) {
  if (element.textContent === text) return;
  /** @type {(Node | string)[]} */
  const parts = [];
  let rest = text;
  for (;;) {
    const found = quotes.filter((quote) => quote && rest.includes(quote));
    if (found.length === 0) break;
    const quote = found.reduce((first, one) => (rest.indexOf(one) < rest.indexOf(first) ? one : first));
    const quoted = make("span", "", quote);
    quoted.lang = "en";
    parts.push(rest.slice(0, rest.indexOf(quote)), quoted);
    rest = rest.slice(rest.indexOf(quote) + quote.length);
  }
  element.replaceChildren(...[...parts, rest].filter(Boolean));
}

/**
 * Set an attribute, or take it away with null; only where that changes it, for the same reason.
 *
 * @param {Element} element @param {string} name @param {string | null} value
 */
export function put(element, name, value) {
  if (element.getAttribute(name) === value) return;
  if (value === null) element.removeAttribute(name);
  else element.setAttribute(name, value);
}

/**
 * Set a custom property; all that is below is styled anew, even by the same value.
 *
 * @param {HTMLElement} element @param {string} name @param {string} value
 */
export function putStyle(element, name, value) {
  if (element.style.getPropertyValue(name) !== value) element.style.setProperty(name, value);
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
  put(element, "dir", "auto");
  write(element, text);
  put(element, "title", text);
}
