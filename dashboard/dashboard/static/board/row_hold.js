/** Does somebody point at a list, or stand in it with the keyboard? As long as that is so, its rows keep their places. */

/** Nobody is there who neither moves the pointer nor presses a key for so long. */
export const UNATTENDED_AFTER_MS = 300_000;

export class Hold {
  /** @param {HTMLElement} list @param {() => void} changed called when a hold begins or ends */
  constructor(list, changed) {
    this.list = list;
    this.changed = changed;
    this.inside = false;
    this.focused = false;
    /** Where the pointer is in the window. @type {{x: number, y: number} | null} */
    this.pointer = null;
    /** Why there is no hold although the pointer or the focus is there. @type {"" | "escape" | "away"} */
    this.released = "";
    this.active_at_ms = 0;
    this.was = false;
    this.#watchPointer();
    this.#watchFocus();
    for (const event of ["pointermove", "pointerdown", "keydown"]) addEventListener(event, (one) => this.#attended(one));
    addEventListener("blur", () => this.release("away"));
    document.addEventListener("visibilitychange", () => document.hidden && this.release("away"));
  }

  /** @param {number} now_ms by the page's own clock, as `Event.timeStamp` */
  holds(now_ms) {
    if (this.released || now_ms - this.active_at_ms > UNATTENDED_AFTER_MS) return false;
    // Nobody stands before a wall with a mouse; and what is not seen is not pointed at.
    if (document.documentElement.classList.contains("wall") || !this.list.checkVisibility()) return false;
    return this.inside || (this.focused && this.list.contains(document.activeElement));
  }

  /**
   * End the hold, until the pointer or the focus comes again.
   *
   * @param {"escape" | "away"} why @returns {boolean} was there one?
   */
  release(why) {
    const held = this.was;
    this.released = why;
    this.#tell(performance.now());
    return held;
  }

  #watchPointer() {
    const come = (/** @type {PointerEvent} */ event) => {
      this.inside = true;
      this.pointer = event;
      this.#resume(event);
    };
    this.list.addEventListener("pointerenter", come);
    this.list.addEventListener("pointermove", (event) => {
      this.pointer = event;
      // Who comes back to the window does not enter the list again.
      if (this.released === "away" || !this.inside) come(event);
    });
    for (const name of /** @type {const} */ (["pointerleave", "pointercancel"])) {
      this.list.addEventListener(name, (event) => {
        this.inside = false;
        this.pointer = null;
        this.#tell(event.timeStamp);
      });
    }
    document.addEventListener("pointerdown", (event) => {
      if (this.list.contains(/** @type {Node} */ (event.target))) return;
      this.focused = false;
      this.#tell(event.timeStamp);
    });
  }

  #watchFocus() {
    this.list.addEventListener("focusin", (event) => {
      // A click leaves the focus too; the pointer tells of that.
      this.focused = /** @type {Element} */ (event.target).matches(":focus-visible");
      if (this.focused) this.#resume(event);
    });
    this.list.addEventListener("focusout", (event) => {
      if (event.relatedTarget && this.list.contains(/** @type {Node} */ (event.relatedTarget))) return;
      this.focused = false;
      this.#tell(event.timeStamp);
    });
  }

  /** @param {Event} event */
  #attended(event) {
    this.active_at_ms = event.timeStamp;
    if (this.inside !== this.was) this.#tell(event.timeStamp);
  }

  /** @param {Event} event */
  #resume(event) {
    this.released = "";
    this.active_at_ms = event.timeStamp;
    this.#tell(event.timeStamp);
  }

  /** @param {number} now_ms */
  #tell(now_ms) {
    const holds = this.holds(now_ms);
    if (holds === this.was) return;
    this.was = holds;
    this.changed();
  }
}
