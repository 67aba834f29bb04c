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

/** Store a value. @param {string} name @param {unknown} value @returns {boolean} false: this browser did not store it */
export function store(name, value) {
  try {
    localStorage.setItem(name, JSON.stringify(value));
    return true;
  } catch {
    // The value is true until the page is closed.
    return false;
  }
}

/** A value that the browser stores for all tabs. If it does not, as when the storage is full, the page remembers it. */
export class StoredValue {
  /** @param {string} name */
  constructor(name) {
    this.name = name;
    this.is_stored = true;
    /** The value that this page wrote last. @type {unknown} */
    this.written = null;
    addEventListener("storage", ({ key }) => {
      if (key === name) this.is_stored = true;
    });
  }

  /** The newest value; null if there is none. @returns {unknown} */
  read() {
    return (this.is_stored ? readStored(this.name) : null) ?? this.written;
  }

  /** @param {unknown} value */
  write(value) {
    this.written = value;
    this.is_stored = store(this.name, value);
  }
}
