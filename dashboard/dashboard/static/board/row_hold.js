/** Holds the order of the rows while the pointer or the keyboard focus is in the list. */

/** After this time without a pointer move or a key the viewer is considered away. */
export const AWAY_AFTER_MS = 300_000;

export class RowHold {
  /** @param {HTMLElement} list @param {() => void} onChange called when a hold begins or ends */
  constructor(list, onChange) {
    this.list = list;
    this.onChange = onChange;
    this.pointer_inside = false;
    this.focused = false;
    /** Where the pointer is in the window. @type {{x: number, y: number} | null} */
    this.pointer = null;
    /** Why there is no hold although the pointer or the focus is in the list. @type {"" | "escape" | "away"} */
    this.released = "";
    this.last_input_ms = 0;
    this.was_active = false;
    this.#watchPointer();
    this.#watchFocus();
    for (const name of ["pointermove", "pointerdown", "keydown"]) addEventListener(name, (event) => this.#onInput(event));
    addEventListener("blur", () => this.release("away"));
    document.addEventListener("visibilitychange", () => document.hidden && this.release("away"));
  }

  /** @param {number} now_ms by the same clock as `Event.timeStamp` */
  isActive(now_ms) {
    if (this.released || now_ms - this.last_input_ms > AWAY_AFTER_MS) return false;
    // A wall display has no viewer with a mouse, and nobody points at a hidden list.
    if (document.documentElement.classList.contains("wall") || !this.list.checkVisibility()) return false;
    return this.pointer_inside || (this.focused && this.list.contains(document.activeElement));
  }

  /**
   * End the hold, until the pointer or the focus enters the list again.
   *
   * @param {"escape" | "away"} reason @returns {boolean} was there a hold?
   */
  release(reason) {
    const { was_active } = this;
    this.released = reason;
    this.#update(performance.now());
    return was_active;
  }

  #watchPointer() {
    const onEnter = (/** @type {PointerEvent} */ event) => {
      this.pointer_inside = true;
      this.pointer = event;
      this.#resume(event);
    };
    this.list.addEventListener("pointerenter", onEnter);
    this.list.addEventListener("pointermove", (event) => {
      this.pointer = event;
      // A pointer that returns to the window does not enter the list again.
      if (this.released === "away" || !this.pointer_inside) onEnter(event);
    });
    for (const name of /** @type {const} */ (["pointerleave", "pointercancel"])) {
      this.list.addEventListener(name, (event) => {
        this.pointer_inside = false;
        this.pointer = null;
        this.#update(event.timeStamp);
      });
    }
    document.addEventListener("pointerdown", (event) => {
      if (this.list.contains(/** @type {Node} */ (event.target))) return;
      this.focused = false;
      this.#update(event.timeStamp);
    });
  }

  #watchFocus() {
    this.list.addEventListener("focusin", (event) => {
      // A click also focuses a row, but then the pointer decides.
      this.focused = /** @type {Element} */ (event.target).matches(":focus-visible");
      if (this.focused) this.#resume(event);
    });
    this.list.addEventListener("focusout", (event) => {
      if (event.relatedTarget && this.list.contains(/** @type {Node} */ (event.relatedTarget))) return;
      this.focused = false;
      this.#update(event.timeStamp);
    });
  }

  /** @param {Event} event */
  #onInput(event) {
    this.last_input_ms = event.timeStamp;
    if (this.pointer_inside !== this.was_active) this.#update(event.timeStamp);
  }

  /** @param {Event} event */
  #resume(event) {
    this.released = "";
    this.last_input_ms = event.timeStamp;
    this.#update(event.timeStamp);
  }

  /** @param {number} now_ms */
  #update(now_ms) {
    const is_active = this.isActive(now_ms);
    if (is_active === this.was_active) return;
    this.was_active = is_active;
    this.onChange();
  }
}
