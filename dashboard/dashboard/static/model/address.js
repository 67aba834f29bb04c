/** The page's state in its URL, so that a reload or a shared link shows the same. Pure. */

/** @typedef {import("./types.js").View} View */
/** @typedef {import("./page_types.js").Ranking} Ranking */
/** @typedef {import("./page_types.js").Panel} Panel */
/** @typedef {import("./page_types.js").Pins} Pins */
/** @typedef {import("./page_types.js").Step} Step */

/**
 * `view`: null if the address names none (model/default_view.js chooses). `top`: the number of bars, null for the server's
 * default. `fold`: one row for each topic. `at_ms`: the displayed time, null for live. `locale`: the language of the page
 * (`lang` is the language of the posts), null for the viewer's own. `lesson`: the stream at work, in place of the board.
 * `step`: the slider moves over the archive in these steps, null for the last 24 hours; `at_ms` is in such a step then.
 * @typedef {{view: View | null, top: number | null, at_ms: number | null, step: Step | null, pins: Pins, panel: Panel,
 *   table: boolean, fold: boolean, wall: boolean, embed: boolean, lesson: boolean, locale: string | null}} Address
 */

/** @type {View} */
export const DEFAULT_VIEW = { ranking: "window", source: null, lang: null, by: "posts" };
/** @type {View} */
export const RISING_VIEW = { ...DEFAULT_VIEW, ranking: "rising" };
export const MAX_BARS = 20;
export const MAX_PINS = 5;

/** @param {View} one @param {View} other */
export const sameView = (one, other) =>
  one.ranking === other.ranking && one.source === other.source && one.lang === other.lang && one.by === other.by;

/**
 * The view that the history has for a view: Rising, or the window of all posts, by posts or by people.
 *
 * @param {View} view @returns {View}
 */
export function storedView({ ranking, source, lang, by }) {
  if (ranking === "rising") return RISING_VIEW;
  return (source ?? lang) === null ? { ...DEFAULT_VIEW, by } : DEFAULT_VIEW;
}

/**
 * Parse a URL. Invalid parameters are ignored.
 *
 * @param {string} search with the "?" @param {string} hash with the "#"
 * @returns {Address}
 */
export function parseAddress(search, hash) {
  const query = new URLSearchParams(search);
  const at_ms = wholeNumber(query.get("at"), Number.MAX_SAFE_INTEGER);
  // A page has one form. The lesson has controls, so it is never in a frame of another site.
  const lesson = query.has("lesson") && !query.has("wall") && !query.has("embed");
  return {
    // The view of the live page, also while the past is displayed: the history has only Rising and the window of all
    // posts, and "Back to live" returns to this view.
    view: parseView(query),
    top: wholeNumber(query.get("top"), MAX_BARS),
    at_ms,
    step: parseStep(query.get("step")),
    pins: parsePins(query.getAll("pin")),
    panel: lesson ? null : parsePanel(hash),
    table: query.has("table"),
    fold: query.has("fold"),
    wall: query.has("wall"),
    locale: query.get("locale") || null,
    embed: query.has("embed"),
    lesson,
  };
}

/** @param {Address} address @returns {string} query and hash; empty for the defaults */
export function formatAddress({ view, top, at_ms, step, pins, panel, table, fold, wall, embed, lesson, locale }) {
  const query = new URLSearchParams();
  const values = { ...viewParameters(view), top, at: at_ms, step, locale };
  for (const [name, value] of Object.entries(values)) if (value !== null) query.set(name, String(value));
  for (const key of pins) query.append("pin", key ?? "");
  // A flag has no value: "?wall", not "?wall=".
  const flags = Object.entries({ table, fold, wall, embed, lesson }).flatMap(([name, on]) => (on ? [name] : []));
  const search = [query.toString(), ...flags].filter(Boolean).join("&");
  return (search && `?${search}`) + panelHash(panel);
}

/** The tag whose panel is open, or null. @param {Address} address */
export const openTag = ({ panel, embed }) => (panel?.name === "tag" && !embed ? panel.key : null);

/** Do two addresses display the same time? @param {Address} one @param {Address} other */
export const isSameTime = (one, other) => one.at_ms === other.at_ms && (one.at_ms === null || one.step === other.step);

/** Does the page have alerts? An embedded page and the lesson have none. @param {Address} address */
export const hasAlerts = ({ embed, lesson }) => !embed && !lesson;

/** The hash that opens `panel`. @param {Panel} panel */
export function panelHash(panel) {
  if (panel === null) return "";
  return panel.name === "tag" ? `#/tag/${encodeURIComponent(panel.key)}` : "#/compare";
}

/** @param {URLSearchParams} query @returns {View | null} */
function parseView(query) {
  const ranking = query.get("view");
  if (ranking === "rising" || ranking === "batch" || ranking === "total") return { ...DEFAULT_VIEW, ranking };
  const source = query.get("source") || null;
  const lang = source === null ? query.get("lang") || null : null;
  /** @type {View} */
  const view = { ranking: "window", source, lang, by: query.get("by") === "authors" ? "authors" : "posts" };
  return ranking === "window" || !sameView(view, DEFAULT_VIEW) ? view : null;
}

/** The parameters that name a view. A source, a language or `by` says that it is the window. @param {View | null} view */
function viewParameters(view) {
  if (view === null) return {};
  const { ranking, source, lang } = view;
  const is_window = ranking === "window" && !sameView(view, DEFAULT_VIEW);
  return { view: is_window ? null : ranking, source, lang, by: view.by === "authors" ? view.by : null };
}

/** @param {string | null} step @returns {Step | null} */
const parseStep = (step) => (step === "hour" || step === "day" ? step : null);

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
