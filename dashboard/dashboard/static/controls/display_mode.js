/**
 * Display modes: on a wall (`?wall`) or inside another page (`?embed`), both without controls, and the lesson (`?lesson`)
 * in place of the board. Links of an embedded page open the full page in a new tab.
 */

import { formatAddress } from "../model/address.js";
import { byId } from "../ui/dom.js";
import { startWall } from "./wall.js";

/** @typedef {import("../model/address.js").Address} Address */

/**
 * Apply the display mode.
 *
 * @param {Address} address when the page starts: the mode never changes
 * @param {() => import("../model/page_types.js").Snapshot | null} newest the newest snapshot
 */
export function applyDisplayMode(address, newest) {
  document.documentElement.classList.toggle("wall", address.wall);
  document.documentElement.classList.toggle("embed", address.embed);
  document.documentElement.classList.toggle("lesson", address.lesson);
  if (address.wall) startWall(address);
  if (address.lesson) void startLesson(address, newest);
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

/** Few pages need its scripts, so the others don't load them. @param {Address} address @param {() => any} newest */
async function startLesson(address, newest) {
  const { Lesson } = await import("../lesson/lesson.js");
  new Lesson(newest, formatAddress({ ...address, lesson: false }) || location.pathname);
}
