/** The button "?": what is counted, and over which time, in a small drawing and a few sentences. */

import { byId, write } from "../ui/dom.js";
import { lengthOf } from "../i18n/format.js";
import { words } from "../i18n/messages.js";

/** Before anything is known of the stream: what is usual. */
const USUAL = { window_seconds: 300, pane_seconds: 10 };

export class Help {
  /** @param {() => {window_seconds: number, pane_seconds: number} | null} shown */
  constructor(shown) {
    const dialog = /** @type {HTMLDialogElement} */ (byId("help"));
    byId("help-open").addEventListener("click", () => {
      const { window_seconds, pane_seconds } = shown() ?? USUAL;
      write(byId("help-step"), words.help.step(lengthOf(pane_seconds)));
      write(byId("help-window"), words.help.window(lengthOf(window_seconds), lengthOf(pane_seconds)));
      dialog.showModal();
    });
    byId("help-close").addEventListener("click", () => dialog.close());
    // Escape closes the dialog, and not the panel behind it.
    dialog.addEventListener("keydown", (event) => event.stopPropagation());
    // A click beside it: the dialog's own box is filled by its parts.
    dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close());
  }
}
