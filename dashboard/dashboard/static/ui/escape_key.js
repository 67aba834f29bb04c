/** The Escape key closes one thing at a time, the innermost first. */

/** Elements that the browser closes on Escape by itself. */
const BY_BROWSER = [":popover-open", "dialog[open]", "select:open"];

/** @param {(() => boolean)[]} closers innermost first; each closes its part, and returns whether it was open */
export function onEscape(closers) {
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || event.isComposing || closedByBrowser()) return;
    closers.some((close) => close());
  });
}

function closedByBrowser() {
  if (document.fullscreenElement) return true;
  return BY_BROWSER.some((selector) => CSS.supports(`selector(${selector})`) && document.querySelector(selector) !== null);
}
