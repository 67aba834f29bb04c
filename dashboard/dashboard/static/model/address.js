/** The page's state in its URL, so that a reload or a shared link shows the same. Pure. */

/** @typedef {import("./types.js").View} View */
/** @typedef {import("./page_types.js").Ranking} Ranking */
/** @typedef {import("./page_types.js").Panel} Panel */

/** @typedef {import("./page_types.js").Pins} Pins */

/**
 * `top`: the number of bars, null for the server's default. `at_ms`: the displayed time, null for live. `locale`: the
 * language of the page (`lang` is the language of the posts), null for the viewer's own.
 * @typedef {{view: View, top: number | null, at_ms: number | null, pins: Pins, panel: Panel, table: boolean,
 *   wall: boolean, embed: boolean, locale: string | null}} Address
 */

/** @type {View} */
export const DEFAULT_VIEW = { ranking: "window", source: null, lang: null, by: "posts" };
export const MAX_BARS = 20;
export const MAX_PINS = 5;

/** @param {View} one @param {View} other */
export const sameView = (one, other) =>
  one.ranking === other.ranking && one.source === other.source && one.lang === other.lang;

/**
 * Parse a URL. Invalid parameters are ignored.
 *
 * @param {string} search with the "?" @param {string} hash with the "#"
 * @returns {Address}
 */
export function parseAddress(search, hash) {
  const query = new URLSearchParams(search);
  const at_ms = wholeNumber(query.get("at"), Number.MAX_SAFE_INTEGER);
  return {
    // The view of the live page, also while the past is displayed: the history has only the window of all posts, and
    // "Back to live" returns to this view.
    view: parseView(query),
    top: wholeNumber(query.get("top"), MAX_BARS),
    at_ms,
    pins: parsePins(query.getAll("pin")),
    panel: parsePanel(hash),
    table: query.has("table"),
    wall: query.has("wall"),
    locale: query.get("locale") || null,
    embed: query.has("embed"),
  };
}

/** @param {Address} address @returns {string} query and hash; empty for the defaults */
export function formatAddress({ view, top, at_ms, pins, panel, table, wall, embed, locale }) {
  const query = new URLSearchParams();
  const ranking = view.ranking === "window" ? null : view.ranking;
  const values = { view: ranking, source: view.source, lang: view.lang, top, at: at_ms, locale };
  for (const [name, value] of Object.entries(values)) if (value !== null) query.set(name, String(value));
  for (const key of pins) query.append("pin", key ?? "");
  // A flag has no value: "?wall", not "?wall=".
  const flags = Object.entries({ table, wall, embed }).flatMap(([name, on]) => (on ? [name] : []));
  const search = [query.toString(), ...flags].filter(Boolean).join("&");
  return (search && `?${search}`) + panelHash(panel);
}

/** The tag whose panel is open, or null. @param {Address} address */
export const openTag = ({ panel, embed }) => (panel?.name === "tag" && !embed ? panel.key : null);

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
  return { ...DEFAULT_VIEW, source, lang: source === null ? query.get("lang") || null : null };
}

/** An empty pin is a free place; the pins behind it keep their places. @param {string[]} keys @returns {Pins} */
function parsePins(keys) {
  const places = keys.slice(0, MAX_PINS);
  const pins = places.map((key, place) => (key === "" || places.indexOf(key) < place ? null : key));
  return pins.slice(0, pins.findLastIndex((key) => key !== null) + 1);
}

/** @param {string} hash @returns {Panel} */
function parsePanel(hash) {
  if (hash === "#/compare") return { name: "compare" };
  if (!hash.startsWith("#/tag/")) return null;
  try {
    const key = decodeURIComponent(hash.slice("#/tag/".length));
    return key === "" ? null : { name: "tag", key };
  } catch {
    // An incomplete percent encoding: somebody copied only a part of the URL.
    return null;
  }
}

/** @param {string | null} text @param {number} max */
function wholeNumber(text, max) {
  if (text === null || !/^[0-9]{1,16}$/.test(text)) return null;
  const number = Number(text);
  return number >= 1 && number <= max ? number : null;
}
