/** The language of the page, and the viewer's format of numbers and times. */

const KEY = "locale";

/**
 * The first available language of: the address, the viewer's stored choice, the browser's preferences; otherwise
 * English. Pure.
 *
 * @param {(string | null | undefined)[]} wanted language tags, by priority
 * @param {string[]} available codes of languages
 */
export function chooseLanguage(wanted, available) {
  const codes = wanted.map((tag) => tag?.split("-")[0].toLowerCase());
  return codes.find((code) => code && available.includes(code)) ?? "en";
}

/**
 * The locale for numbers and times: "es-MX" for a viewer in Mexico. If the browser names no country for this language,
 * the default of the language's file. Pure.
 *
 * @param {string} code of the language @param {readonly string[]} preferred by the browser @param {string} default_locale
 */
export const localeFor = (code, preferred, default_locale) =>
  preferred.find((tag) => tag.toLowerCase().startsWith(`${code}-`)) ?? default_locale;

/** The stored choice of the viewer; null if there is none, or if this browser allows no storage. */
export function storedLocale() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

/** Store the choice of the viewer. @param {string} code @returns {boolean} false if this browser allows no storage */
export function storeLocale(code) {
  try {
    localStorage.setItem(KEY, code);
    return true;
  } catch {
    return false;
  }
}

/** The name of a language in that language: "Español". @param {string} code */
export function ownName(code) {
  const name = new Intl.DisplayNames(code, { type: "language" }).of(code) ?? code;
  return name.charAt(0).toLocaleUpperCase(code) + name.slice(1);
}
