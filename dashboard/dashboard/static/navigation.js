/** The page's state in its address: each change is written into the URL, and the browser's "Back" restores a panel. */

import { formatAddress, isSameTime, parseAddress } from "./model/address.js";

/** @typedef {import("./model/address.js").Address} Address */
/** @typedef {import("./model/page_types.js").Panel} Panel */

export class Navigation {
  /**
   * @param {{onChange: (time_changed: boolean) => void, onPanelClosed: (closed: NonNullable<Panel>) => void}} handlers
   * `onChange`: the address has changed, and perhaps the time in it
   */
  constructor(handlers) {
    this.handlers = handlers;
    this.address = parseAddress(location.search, location.hash);
    addEventListener("popstate", () => {
      const before = this.address;
      this.address = parseAddress(location.search, location.hash);
      handlers.onChange(!isSameTime(this.address, before));
      if (before.panel && !this.address.panel) handlers.onPanelClosed(before.panel);
    });
  }

  /** Change the address without an entry in the browser's history. @param {Partial<Address>} part */
  replace(part) {
    this.address = { ...this.address, ...part };
    history.replaceState(null, "", formatAddress(this.address) || location.pathname);
  }

  /** Open a panel, or close it with null. "Back" undoes it. @param {Panel} panel */
  openPanel(panel) {
    const closed = this.address.panel;
    this.address = { ...this.address, panel };
    history.pushState(null, "", formatAddress(this.address) || location.pathname);
    this.handlers.onChange(false);
    if (closed && !panel) this.handlers.onPanelClosed(closed);
  }
}
