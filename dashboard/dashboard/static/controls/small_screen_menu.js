/** The menu that the controls are on a small screen; elsewhere they stand beside each other, and nothing opens. */

import { byId } from "../ui/dom.js";

/** As in small.css. */
const SMALL = matchMedia("(max-width: 48rem), (max-width: 60rem) and (max-height: 30rem)");

export function prepareMenu() {
  const menu = byId("more");
  const close = () => {
    if (menu.matches(":popover-open")) menu.hidePopover();
  };
  // What these show lies below the menu, and the focus comes back to what is in sight: so it is closed first.
  const closes = (/** @type {Event} */ { target }) => {
    if (/** @type {Element} */ (target).closest("#table-switch, #compare, #help-open")) close();
  };
  menu.addEventListener("click", closes, { capture: true });
  SMALL.addEventListener("change", close);
}
