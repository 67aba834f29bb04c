/** The help dialog: explains what is counted and over which time, in a drawing and a few sentences. */

import { formatAddress, parseAddress } from "../model/address.js";
import { byId, setText } from "../ui/dom.js";
import { lengthOf } from "../i18n/format.js";
import { words } from "../i18n/messages.js";

/** The default lengths, until the first snapshot comes. */
const DEFAULTS = { window_seconds: 300, pane_seconds: 10 };

export class Help {
  /** @param {() => {window_seconds: number, pane_seconds: number} | null} snapshot */
  constructor(snapshot) {
    const dialog = /** @type {HTMLDialogElement} */ (byId("help"));
    byId("help-open").addEventListener("click", () => {
      const { window_seconds, pane_seconds } = snapshot() ?? DEFAULTS;
      setText(byId("help-step"), words.help.step(lengthOf(pane_seconds)));
      setText(byId("help-window"), words.help.window(lengthOf(window_seconds), lengthOf(pane_seconds)));
      const { locale } = parseAddress(location.search, "");
      const lesson = { ...parseAddress("?lesson", ""), locale };
      /** @type {HTMLAnchorElement} */ (byId("help-lesson")).href = formatAddress(lesson);
      dialog.showModal();
    });
    byId("help-close").addEventListener("click", () => dialog.close());
    // Escape closes the dialog, not the panel behind it.
    dialog.addEventListener("keydown", (event) => event.stopPropagation());
    // A click outside of the dialog: inside, the target is one of its parts.
    dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close());
  }
}
