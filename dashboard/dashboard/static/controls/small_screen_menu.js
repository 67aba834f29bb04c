/** The menu "More" of small screens, with the controls. On other screens the controls are side by side. */

import { byId } from "../ui/dom.js";

/** The same condition as in small_screens.css. */
const SMALL = matchMedia("(max-width: 48rem), (max-width: 60rem) and (max-height: 30rem)");

export function setUpMenu() {
  const menu = byId("more");
  const close = () => {
    if (menu.matches(":popover-open")) menu.hidePopover();
  };
  // These controls display something below the menu, and the focus must return to a visible element: close the menu first.
  const onClick = (/** @type {Event} */ { target }) => {
    if (/** @type {Element} */ (target).closest("#table-switch, #compare, #help-open")) close();
  };
  menu.addEventListener("click", onClick, { capture: true });
  SMALL.addEventListener("change", close);
}
