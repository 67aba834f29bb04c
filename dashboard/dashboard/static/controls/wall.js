/** The wall display (`?wall`): a clock, a QR code, a screen that stays on, and full screen. */

import { byId, setAttribute, setText } from "../ui/dom.js";
import { clockMinute } from "../i18n/format.js";
import { addressForPhones, qrCode } from "./qr_code.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/address.js").Address} Address */

const HINT_VISIBLE_MS = 6_000;

/** @param {Address} address */
export function startWall(address) {
  byId("clock").hidden = false;
  showClock();
  setInterval(showClock, 1_000);
  void showCode(address);
  keepScreenOn();
  offerFullScreen();
}

function showClock() {
  setText(byId("clock"), clockMinute(Date.now()));
}

/** @param {Address} address */
async function showCode(address) {
  const target = addressForPhones(document.documentElement.dataset.publicUrl || location.origin, address);
  if (target === null) return;
  const code = await qrCode(target);
  setAttribute(code, "role", "img");
  setAttribute(code, "aria-label", words.qr_code(target));
  setText(byId("qr-address"), new URL(target).host);
  byId("qr").append(code);
  byId("qr").hidden = false;
}

/**
 * Keep the screen on, if the browser supports it. The lock ends when the page is hidden, and is requested again when it
 * is visible.
 */
function keepScreenOn() {
  if (!navigator.wakeLock) return;
  /** @type {WakeLockSentinel | null} */
  let lock = null;
  let is_requested = false;
  const requestLock = async () => {
    if (is_requested || document.visibilityState !== "visible" || lock?.released === false) return;
    is_requested = true;
    try {
      lock = await navigator.wakeLock.request("screen");
    } catch (error) {
      // The system refuses it, for example on a low battery.
      if (!(error instanceof DOMException)) throw error;
    } finally {
      is_requested = false;
    }
  };
  document.addEventListener("visibilitychange", requestLock);
  addEventListener("pageshow", requestLock);
  addEventListener("pagehide", () => lock?.release());
  void requestLock();
}

/** A key or a double click switches full screen: a browser allows it only after an action of the viewer. */
function offerFullScreen() {
  if (!document.fullscreenEnabled) return;
  const toggle = () => {
    const change = document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen();
    change.catch((/** @type {unknown} */ error) => {
      // The browser refuses: nothing changes, and the hint stays.
      if (!(error instanceof TypeError)) throw error;
    });
  };
  document.addEventListener("dblclick", toggle);
  document.addEventListener("keydown", ({ key, ctrlKey, metaKey, altKey }) => {
    if (key.toLowerCase() === "f" && !ctrlKey && !metaKey && !altKey) toggle();
  });
  const hint = byId("wall-hint");
  let timer = 0;
  const show = () => {
    clearTimeout(timer);
    hint.hidden = document.fullscreenElement !== null;
    hint.classList.add("visible");
    timer = window.setTimeout(() => hint.classList.remove("visible"), HINT_VISIBLE_MS);
  };
  document.addEventListener("fullscreenchange", show);
  document.addEventListener("pointermove", show);
  show();
}
