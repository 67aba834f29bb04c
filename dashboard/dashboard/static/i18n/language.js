/** Which language the page speaks, and in which form its reader is used to numbers and times. */

const KEY = "locale";

/**
 * The first that there is of what the address asks for, what the reader chose before, and what the browser prefers;
 * else English. Pure.
 *
 * @param {(string | null | undefined)[]} wanted language tags, first choice first
 * @param {string[]} offered codes of the languages that there are
 */
export function chooseLanguage(wanted, offered) {
  const codes = wanted.map((tag) => tag?.split("-")[0].toLowerCase());
  return codes.find((code) => code && offered.includes(code)) ?? "en";
}

/**
 * The form of numbers and times: "es-MX" for a reader in Mexico; where the browser names no country for this language,
 * as the language's own file says. Pure.
 *
 * @param {string} code of the language @param {readonly string[]} preferred by the browser @param {string} usual
 */
export const localeFor = (code, preferred, usual) =>
  preferred.find((tag) => tag.toLowerCase().startsWith(`${code}-`)) ?? usual;

/** What the reader chose before; null where nothing is remembered, or may be. */
export function remembered() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

/** Remember it; false where this browser lets the page keep nothing. @param {string} code */
export function remember(code) {
  try {
    localStorage.setItem(KEY, code);
    return true;
  } catch {
    return false;
  }
}

/** A language by its own name: "Español". @param {string} code */
export function ownName(code) {
  const name = new Intl.DisplayNames(code, { type: "language" }).of(code) ?? code;
  return name.charAt(0).toLocaleUpperCase(code) + name.slice(1);
}
