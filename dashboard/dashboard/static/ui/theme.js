/** The theme, and whether animations run, by the viewer's system settings. The wall display is always dark. */

const dark = matchMedia("(prefers-color-scheme: dark)");
const contrast = matchMedia("(prefers-contrast: more)");
const reduced_motion = matchMedia("(prefers-reduced-motion: reduce)");

/** @typedef {"light" | "dark"} Theme */

/** @returns {Theme} */
export const theme = () =>
  dark.matches || document.documentElement.classList.contains("wall") ? "dark" : "light";

/** Do animations run? Not if the viewer prefers reduced motion, and not in a hidden tab. */
export const canAnimate = () => !reduced_motion.matches && !document.hidden;

/** Does the viewer want more contrast than the default colours have? */
export const moreContrast = () => contrast.matches;

/** @param {() => void} listener */
export function onThemeChange(listener) {
  for (const query of [dark, contrast]) query.addEventListener("change", listener);
}
