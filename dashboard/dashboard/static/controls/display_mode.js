/**
 * Pages without controls: on a wall (`?wall`), or inside another page (`?embed`), where every link leads to the full page,
 * in a tab of its own.
 */

import { formatAddress } from "../model/address.js";
import { byId } from "../ui/dom.js";
import { startWall } from "./wall.js";

/** @param {import("../model/address.js").Address} address with which the page began: nothing there changes it */
export function bare(address) {
  document.documentElement.classList.toggle("wall", address.wall);
  document.documentElement.classList.toggle("embed", address.embed);
  if (address.wall) startWall(address);
  if (!address.embed) return;
  const link = /** @type {HTMLAnchorElement} */ (byId("open-full"));
  link.hidden = false;
  link.href = location.pathname + formatAddress({ ...address, embed: false });
  document.addEventListener("click", (event) => {
    const tag = /** @type {Element} */ (event.target).closest("a[href^='#']");
    if (tag === null) return;
    event.preventDefault();
    const full = new URL(link.href);
    full.hash = /** @type {HTMLAnchorElement} */ (tag).hash;
    open(full, "_blank", "noopener");
  });
}
