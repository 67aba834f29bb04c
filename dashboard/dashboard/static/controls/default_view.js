/** Which view a page shows if its address names none: Rising once there is a list, the window until then. */

import { DEFAULT_VIEW, RISING_VIEW } from "../model/address.js";

/** @typedef {import("../model/types.js").View} View */
/** @typedef {import("../model/address.js").Address} Address */

export class DefaultView {
  /** @param {boolean} unattended is it a display that nobody uses by hand, such as a wall? */
  constructor(unattended) {
    this.view = DEFAULT_VIEW;
    this.unattended = unattended;
    /** Has somebody used the page since it was opened? */
    this.used = false;
    for (const name of ["pointerdown", "pointermove", "keydown", "wheel"]) {
      addEventListener(name, () => (this.used = true), { once: true, passive: true });
    }
  }

  /** The view of the live page. @param {Address} address */
  of({ view }) {
    return view ?? this.view;
  }

  /** The view that an address needs to lead to the displayed one, null if it needs none. @param {Address} address */
  named({ view }) {
    return view ?? (this.view === RISING_VIEW ? RISING_VIEW : null);
  }

  /**
   * Change to Rising as soon as there is a list, if the address names no view. A page that somebody uses doesn't change,
   * except when it opens: its content would jump away under their hands. A page never changes back.
   *
   * @param {Address} address @param {{rising_topics: number | null}} snapshot
   * @param {boolean} is_first is it the first snapshot of the page?
   * @returns {boolean} has the view changed?
   */
  update({ view, at_ms }, { rising_topics }, is_first) {
    if (view !== null || at_ms !== null || rising_topics === null || this.view === RISING_VIEW) return false;
    if (this.used && !is_first && !this.unattended) return false;
    this.view = RISING_VIEW;
    return true;
  }
}
