/** Places the banner over the page's title and beside the controls, so that nothing moves and no control is covered. */

/** Elements that may be in the line of the title. */
const BESIDE_TITLE = ".controls > *, .more > *, .tools > *, #bell, #clock, #open-full, main";
/** The distance to the elements beside and below, in rem. */
const DISTANCE_REM = 0.35;

/**
 * @typedef {{left: number, top: number, right: number, bottom: number}} Box
 * @typedef {{height: number, right: number, lines: number}} Place
 */

/**
 * The height of the banner, its distance from the right edge, and the number of text lines that fit. Pure.
 *
 * @param {Box} title @param {Box[]} others elements that may be beside the title @param {number} width_px of the page
 * @param {number} rem_px @param {number} line_px @returns {Place}
 */
export function placeOver(title, others, width_px, rem_px, line_px) {
  const beside = others.filter(({ left, top, right }) => right > left && left >= title.right && top < title.bottom);
  const edge = Math.min(...beside.map(({ left }) => left - DISTANCE_REM * rem_px), width_px);
  const height = title.bottom + DISTANCE_REM * rem_px;
  return { height, right: width_px - edge, lines: Math.max(1, Math.floor((height - 2) / line_px)) };
}

/** @param {Element} element @param {number} scrolled_px @returns {Box} relative to the page, not to the window */
function boxOf(element, scrolled_px) {
  const { left, top, right, bottom } = element.getBoundingClientRect();
  return { left, top: top + scrolled_px, right, bottom: bottom + scrolled_px };
}

/** Set the custom properties that place the banner. @param {HTMLElement} banner a visible one */
export function placeBanner(banner) {
  const root = document.documentElement;
  const heading = /** @type {Element} */ (document.querySelector("h1"));
  // The heading may be as wide as the page; its text is narrower.
  const text = document.createRange();
  text.selectNodeContents(heading);
  const title = { ...boxOf(heading, scrollY), right: text.getBoundingClientRect().right };
  const others = [...document.querySelectorAll(BESIDE_TITLE)].map((other) => boxOf(other, scrollY));
  const rem_px = parseFloat(getComputedStyle(root).fontSize);
  const line_px = parseFloat(getComputedStyle(banner).lineHeight);
  const place = placeOver(title, others, root.clientWidth, rem_px, line_px);
  setRootStyle("--banner-room", `${place.height}px`);
  setRootStyle("--banner-end", `${place.right}px`);
  setRootStyle("--banner-lines", String(place.lines));
}

/** Set a custom property of the page. @param {string} name @param {string} value */
export function setRootStyle(name, value) {
  const { style } = document.documentElement;
  if (style.getPropertyValue(name) !== value) style.setProperty(name, value);
}
