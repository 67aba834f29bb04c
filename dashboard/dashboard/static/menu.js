/** The menu that the controls are on a small screen; elsewhere they stand beside each other, and nothing opens. */

import { byId } from "./dom.js";

/** As in small.css. */
const SMALL = matchMedia("(max-width: 48rem), (max-width: 60rem) and (max-height: 30rem)");

export function prepareMenu() {
  const menu = byId("more");
  const close = () => {
    if (menu.matches(":popover-open")) menu.hidePopover();
  };
  // What these show lies below the menu.
  menu.addEventListener("click", ({ target }) => {
    if (/** @type {Element} */ (target).closest("#table-switch, #compare")) close();
  });
  SMALL.addEventListener("change", close);
}
