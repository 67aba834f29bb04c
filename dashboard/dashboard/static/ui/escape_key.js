/** What Escape closes: one thing at a time, the innermost. */

/** What the browser closes by itself. */
const BY_BROWSER = [":popover-open", "dialog[open]", "select:open"];

/** @param {(() => boolean)[]} closers innermost first; each closes what it can, and tells whether there was anything */
export function onEscape(closers) {
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || event.isComposing || closedByBrowser()) return;
    closers.some((close) => close());
  });
}

function closedByBrowser() {
  if (document.fullscreenElement) return true;
  return BY_BROWSER.some((part) => CSS.supports(`selector(${part})`) && document.querySelector(part) !== null);
}
