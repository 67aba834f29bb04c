/** The page's state as it stands in its address, so that a reload or a shared link shows the same. Pure. */

/** @typedef {import("./types.js").View} View */
/** @typedef {import("./types.js").Ranking} Ranking */
/** @typedef {import("./types.js").Panel} Panel */

/**
 * `top`: bars, null for as many as the server says. `at_ms`: the moment shown, null for live.
 * @typedef {{view: View, top: number | null, at_ms: number | null, pins: string[], panel: Panel, table: boolean,
 *   wall: boolean}} Address
 */

/** @type {View} */
export const DEFAULT_VIEW = { ranking: "window", source: null, lang: null };
export const MOST_BARS = 20;
export const MOST_PINS = 5;

/** @param {View} one @param {View} other */
export const sameView = (one, other) =>
  one.ranking === other.ranking && one.source === other.source && one.lang === other.lang;

/**
 * What an address says; what it says wrongly is as if it were not there.
 *
 * @param {string} search with its "?" @param {string} hash with its "#"
 * @returns {Address}
 */
export function parseAddress(search, hash) {
  const query = new URLSearchParams(search);
  const at_ms = wholeNumber(query.get("at"), Number.MAX_SAFE_INTEGER);
  return {
    // Only the window of all posts is kept, so the past has no other view.
    view: at_ms === null ? parseView(query) : DEFAULT_VIEW,
    top: wholeNumber(query.get("top"), MOST_BARS),
    at_ms,
    pins: [...new Set(query.getAll("pin").filter(Boolean))].slice(0, MOST_PINS),
    panel: parsePanel(hash),
    table: query.has("table"),
    wall: query.has("wall"),
  };
}

/** @param {Address} address @returns {string} query and hash; empty for what the page shows by itself */
export function formatAddress({ view, top, at_ms, pins, panel, table, wall }) {
  const query = new URLSearchParams();
  if (view.ranking !== "window") query.set("view", view.ranking);
  if (view.source !== null) query.set("source", view.source);
  if (view.lang !== null) query.set("lang", view.lang);
  if (top !== null) query.set("top", String(top));
  if (at_ms !== null) query.set("at", String(at_ms));
  for (const key of pins) query.append("pin", key);
  // A flag has no value: "?wall", not "?wall=".
  const flags = [table ? "table" : "", wall ? "wall" : ""].filter(Boolean);
  const search = [query.toString(), ...flags].filter(Boolean).join("&");
  return (search && `?${search}`) + panelHash(panel);
}

/** The hash that opens `panel`. @param {Panel} panel */
export function panelHash(panel) {
  if (panel === null) return "";
  return panel.name === "tag" ? `#/tag/${encodeURIComponent(panel.key)}` : "#/compare";
}

/** @param {URLSearchParams} query @returns {View} */
function parseView(query) {
  const ranking = query.get("view");
  if (ranking === "batch" || ranking === "total") return { ...DEFAULT_VIEW, ranking };
  const source = query.get("source") || null;
  return { ranking: "window", source, lang: source === null ? query.get("lang") || null : null };
}

/** @param {string} hash @returns {Panel} */
function parsePanel(hash) {
  if (hash === "#/compare") return { name: "compare" };
  if (!hash.startsWith("#/tag/")) return null;
  try {
    const key = decodeURIComponent(hash.slice("#/tag/".length));
    return key === "" ? null : { name: "tag", key };
  } catch {
    // A percent sign with nothing behind it: an address that somebody cut.
    return null;
  }
}

/** @param {string | null} text @param {number} most */
function wholeNumber(text, most) {
  if (text === null || !/^[0-9]{1,16}$/.test(text)) return null;
  const number = Number(text);
  return number >= 1 && number <= most ? number : null;
}
