/** Light or dark, and whether things may move: as the reader's system says; a wall is dark. */

const dark = matchMedia("(prefers-color-scheme: dark)");
const contrast = matchMedia("(prefers-contrast: more)");
const still = matchMedia("(prefers-reduced-motion: reduce)");

/** @typedef {"light" | "dark"} Theme */

/** @returns {Theme} */
export const theme = () =>
  dark.matches || document.documentElement.classList.contains("wall") ? "dark" : "light";

/** May things glide: is that wanted, and does anybody see it? */
export const mayMove = () => !still.matches && !document.hidden;

/** Does the reader want more contrast than the usual colours have? */
export const moreContrast = () => contrast.matches;

/** @param {() => void} listener */
export function onThemeChange(listener) {
  for (const query of [dark, contrast]) query.addEventListener("change", listener);
}
