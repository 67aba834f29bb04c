/** A QR code that opens the page on the phone of whoever stands before the wall. */

import { formatAddress } from "../model/address.js";

const LIBRARY = "../vendor/lean-qr-2.7.4.min.js";
const SVG = "http://www.w3.org/2000/svg";
/** Empty modules around the code, as ISO/IEC 18004 wants. */
const QUIET_ZONE = 4;
const LOOPBACK = /^(localhost|.*\.localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[::1?\]|\[::ffff:7f[0-9a-f]{2}:[0-9a-f]+\])\.?$/;

/** Whether the name is one of this machine's own: no phone can open it. Pure. @param {string} hostname as of a URL */
export const isLoopback = (hostname) => LOOPBACK.test(hostname);

/**
 * Where a phone finds what the wall shows, in the language of its reader; null where no phone can. Pure.
 *
 * @param {string} base the address of the dashboard @param {import("../model/address.js").Address} address of the wall
 */
export function addressForPhones(base, address) {
  const url = new URL(base);
  if (isLoopback(url.hostname)) return null;
  const shown = { ...address, wall: false, locale: null, panel: null, pins: [] };
  return `${url.origin}/${formatAddress(shown)}`;
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

/** The dark modules as squares. @param {{size: number, get: (x: number, y: number) => boolean}} code */
function modules({ size, get }) {
  const places = Array.from({ length: size * size }, (_, index) => [index % size, Math.floor(index / size)]);
  const dark = places.filter(([x, y]) => get(x, y));
  return dark.map(([x, y]) => `M${x + QUIET_ZONE} ${y + QUIET_ZONE}h1v1h-1z`).join("");
}
