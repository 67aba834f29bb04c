/** Helpers for the document. Texts that people wrote are inserted as text, never as HTML. */

/** The element of the template with this id. @param {string} id @returns {HTMLElement} */
export function byId(id) {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`The page has no element ${id}.`);
  return element;
}

/**
 * Set the text of an element, only if it changed: each write costs a layout, and screen readers speak each write to a
 * live region.
 *
 * @param {Element} element @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Set a text that quotes the server, and mark the quotes as English: the server's texts are English in every language
 * of the page.
 *
 * @param {Element} element @param {string} text @param {string[]} quotes the parts of the text that come from the server
 */
export function setTextWithQuotes(element, text, quotes) {
  if (element.textContent === text) return;
  /** @type {(Node | string)[]} */
  const parts = [];
  let rest = text;
  for (;;) {
    const found = quotes.filter((quote) => quote && rest.includes(quote));
    if (found.length === 0) break;
    const quote = found.reduce((first, other) => (rest.indexOf(other) < rest.indexOf(first) ? other : first));
    const quoted = make("span", "", quote);
    quoted.lang = "en";
    parts.push(rest.slice(0, rest.indexOf(quote)), quoted);
    rest = rest.slice(rest.indexOf(quote) + quote.length);
  }
  element.replaceChildren(...[...parts, rest].filter(Boolean));
}

/**
 * Set an attribute, or remove it with null, only if that changes it.
 *
 * @param {Element} element @param {string} name @param {string | null} value
 */
export function setAttribute(element, name, value) {
  if (element.getAttribute(name) === value) return;
  if (value === null) element.removeAttribute(name);
  else element.setAttribute(name, value);
}

/**
 * Set a custom property, only if it changed: even the same value makes the browser compute the styles of all elements
 * below again.
 *
 * @param {HTMLElement} element @param {string} name @param {string} value
 */
export function setStyle(element, name, value) {
  if (element.style.getPropertyValue(name) !== value) element.style.setProperty(name, value);
}

/**
 * Create an element.
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
 * Set a hashtag as the text, with its own writing direction. A tag that does not fit is cut at its own end; the title
 * has all of it.
 *
 * @param {HTMLElement} element @param {string} label
 */
export function setTagText(element, label) {
  const text = `#${label}`;
  setAttribute(element, "dir", "auto");
  setText(element, text);
  setAttribute(element, "title", text);
}
