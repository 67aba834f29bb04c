/** The menu "More" of small screens, with the controls. On other screens the controls are side by side. */

import { byId } from "../ui/dom.js";

/** The same condition as in small_screens.css. */
const SMALL = matchMedia("(max-width: 48rem), (max-width: 60rem) and (max-height: 30rem)");

/** Open the menu, where there is one. */
export function openMenu() {
  // With its button as the source, the menu is beside the button.
  if (SMALL.matches && byId("more-switch").checkVisibility()) byId("more").showPopover({ source: byId("more-switch") });
}

/** Close the menu if it is open. */
export function closeMenu() {
  const menu = byId("more");
  if (menu.matches(":popover-open")) menu.hidePopover();
}

export function setUpMenu() {
  // These controls display something below the menu, and the focus must return to a visible element: close the menu first.
  const onClick = (/** @type {Event} */ { target }) => {
    if (/** @type {Element} */ (target).closest("#table-switch, #compare, #help-open")) closeMenu();
  };
  byId("more").addEventListener("click", onClick, { capture: true });
  SMALL.addEventListener("change", closeMenu);
}
