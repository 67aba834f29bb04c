/** The page on a wall (`?wall`): a clock, a QR code, a screen that stays on, and full screen. */

import { byId, put, write } from "../ui/dom.js";
import { clockMinute } from "../i18n/format.js";
import { addressForPhones, qrCode } from "./qr_code.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/address.js").Address} Address */

const HINT_SHOWN_MS = 6_000;

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
  write(byId("clock"), clockMinute(Date.now()));
}

/** @param {Address} address */
async function showCode(address) {
  const target = addressForPhones(document.documentElement.dataset.publicUrl || location.origin, address);
  if (target === null) return;
  const code = await qrCode(target);
  put(code, "role", "img");
  put(code, "aria-label", words.qr_code(target));
  write(byId("qr-address"), new URL(target).host);
  byId("qr").append(code);
  byId("qr").hidden = false;
}

/** Where the browser can: the lock ends when the page is out of sight, and is taken again when it is back. */
function keepScreenOn() {
  if (!navigator.wakeLock) return;
  /** @type {WakeLockSentinel | null} */
  let lock = null;
  let asking = false;
  const take = async () => {
    if (asking || document.visibilityState !== "visible" || lock?.released === false) return;
    asking = true;
    try {
      lock = await navigator.wakeLock.request("screen");
    } catch (error) {
      // The system refuses it, for example on a low battery.
      if (!(error instanceof DOMException)) throw error;
    } finally {
      asking = false;
    }
  };
  document.addEventListener("visibilitychange", take);
  addEventListener("pageshow", take);
  addEventListener("pagehide", () => lock?.release());
  void take();
}

/** By a key or a double click: a browser gives it only to who asks by hand. */
function offerFullScreen() {
  if (!document.fullscreenEnabled) return;
  const toggle = () => {
    const change = document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen();
    change.catch((/** @type {unknown} */ error) => {
      // Refused: the page stays as it is, and the hint too.
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
    hint.classList.add("seen");
    timer = window.setTimeout(() => hint.classList.remove("seen"), HINT_SHOWN_MS);
  };
  document.addEventListener("fullscreenchange", show);
  document.addEventListener("pointermove", show);
  show();
}
