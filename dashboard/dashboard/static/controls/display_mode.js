/**
 * Display modes without controls: on a wall (`?wall`), or inside another page (`?embed`). Links of an embedded page
 * open the full page in a new tab.
 */

import { formatAddress } from "../model/address.js";
import { byId } from "../ui/dom.js";
import { startWall } from "./wall.js";

/**
 * Apply the display mode.
 *
 * @param {import("../model/address.js").Address} address when the page starts: the mode never changes
 */
export function applyDisplayMode(address) {
  document.documentElement.classList.toggle("wall", address.wall);
  document.documentElement.classList.toggle("embed", address.embed);
  if (address.wall) startWall(address);
  if (!address.embed) return;
  const link = /** @type {HTMLAnchorElement} */ (byId("open-full"));
  link.hidden = false;
  link.href = location.pathname + formatAddress({ ...address, embed: false });
  document.addEventListener("click", (event) => {
    const tag_link = /** @type {Element} */ (event.target).closest("a[href^='#']");
    if (tag_link === null) return;
    event.preventDefault();
    const full = new URL(link.href);
    full.hash = /** @type {HTMLAnchorElement} */ (tag_link).hash;
    open(full, "_blank", "noopener");
  });
}
