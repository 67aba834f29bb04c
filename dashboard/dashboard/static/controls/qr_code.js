/** The QR code of the wall display: it opens the page on a phone. */

import { formatAddress } from "../model/address.js";

const LIBRARY = "../vendor/lean-qr-2.7.4.min.js";
const SVG = "http://www.w3.org/2000/svg";
/** Empty modules around the code, required by ISO/IEC 18004. */
const QUIET_ZONE = 4;
const LOOPBACK = /^(localhost|.*\.localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[::1?\]|\[::ffff:7f[0-9a-f]{2}:[0-9a-f]+\])\.?$/;

/** Is this a name of the machine itself, which no phone can open? Pure. @param {string} hostname */
export const isLoopback = (hostname) => LOOPBACK.test(hostname);

/**
 * The URL of the wall's view for phones, in the phone's language; null if no phone can open the dashboard. Pure.
 *
 * @param {string} base the URL of the dashboard @param {import("../model/address.js").Address} address of the wall
 */
export function addressForPhones(base, address) {
  const url = new URL(base);
  if (isLoopback(url.hostname)) return null;
  const for_phone = { ...address, wall: false, locale: null, panel: null, pins: [] };
  return `${url.origin}/${formatAddress(for_phone)}`;
}

/** @param {string} text @returns {Promise<SVGSVGElement>} */
export async function qrCode(text) {
  const { generate } = await import(LIBRARY);
  const code = generate(text);
  const edge = code.size + 2 * QUIET_ZONE;
  const svg = /** @type {SVGSVGElement} */ (document.createElementNS(SVG, "svg"));
  svg.setAttribute("viewBox", `0 0 ${edge} ${edge}`);
  svg.setAttribute("shape-rendering", "crispEdges");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", modules(code));
  svg.append(path);
  return svg;
}

/** The dark modules as squares, as SVG path data. @param {{size: number, get: (x: number, y: number) => boolean}} code */
function modules({ size, get }) {
  const places = Array.from({ length: size * size }, (_, index) => [index % size, Math.floor(index / size)]);
  const dark = places.filter(([x, y]) => get(x, y));
  return dark.map(([x, y]) => `M${x + QUIET_ZONE} ${y + QUIET_ZONE}h1v1h-1z`).join("");
}
