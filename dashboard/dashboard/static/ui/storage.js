/** What this browser stores for the viewer. */

/**
 * The stored value, or null if there is none, if it can't be read, or if this browser allows no storage.
 *
 * @param {string} name
 */
export function readStored(name) {
  try {
    return JSON.parse(localStorage.getItem(name) ?? "null");
  } catch {
    return null;
  }
}

/** Store a value, if this browser allows it. @param {string} name @param {unknown} value */
export function store(name, value) {
  try {
    localStorage.setItem(name, JSON.stringify(value));
  } catch {
    // The value is true until the page is closed.
  }
}
