/**
 * Rules of the viewer: "tell me when #x reaches the top 3". They are evaluated in the browser, for the window of all posts.
 * A rule does not fire for a state that was true when it was made, and not again before the tag has left the list by a
 * margin. Pure.
 */

/** @typedef {import("./page_types.js").AnySnapshot} AnySnapshot */

/** @typedef {{key: string, label: string, top: number}} OwnRule */
/**
 * `armed`: the rule fires when the tag enters. `fired_at_ms`: the end of the window when it fired last.
 * @typedef {{armed: boolean, fired_at_ms: number | null}} RuleState
 *
 * @typedef {{id: string, at_ms: number, key: string, label: string, top: number, rank: number, posts: number,
 *   authors: number | null, window_seconds: number}} OwnAlert
 */

/** The places to choose from. */
export const TOPS = [1, 3, 10];
/** After it fired, a rule does not fire for this time. */
export const COOLDOWN_MS = 3_600_000;
export const MAX_RULES = 100;
/** The number of stored alerts of own rules. */
const MAX_ALERTS = 50;

/** Identifies a rule. @param {OwnRule} rule */
export const ruleName = ({ key, top }) => `${top} ${key}`;

/** The last rank at which a tag has not left the list. @param {number} top */
const lastRank = (top) => top + Math.max(2, Math.floor(top / 2));

/** A rule is in the list. @param {OwnRule[]} rules @param {OwnRule} rule */
export const hasRule = (rules, rule) => rules.some((one) => ruleName(one) === ruleName(rule));

/** With a rule more. @param {OwnRule[]} rules @param {OwnRule} rule @returns {OwnRule[]} */
export const withRule = (rules, rule) =>
  hasRule(rules, rule) || rules.length >= MAX_RULES ? rules : [...rules, rule];

/** Without a rule. @param {OwnRule[]} rules @param {OwnRule} rule @returns {OwnRule[]} */
export const withoutRule = (rules, rule) => rules.filter((one) => ruleName(one) !== ruleName(rule));

/**
 * Evaluate rules for a snapshot of the window of all posts.
 *
 * @param {OwnRule[]} rules @param {Record<string, RuleState>} states by name of the rule @param {AnySnapshot} snapshot
 * @returns {{states: Record<string, RuleState>, fired: OwnAlert[]}} the states of these rules only
 */
export function evaluate(rules, states, snapshot) {
  /** @type {Record<string, RuleState>} */
  const next = {};
  const fired = [];
  for (const rule of rules) {
    const name = ruleName(rule);
    const leader = snapshot.top.find(({ key }) => key === rule.key);
    const state = states[name];
    const fires = state?.armed && leader !== undefined && leader.rank <= rule.top && isCool(state, snapshot);
    next[name] = { armed: isArmed(rule, state, leader?.rank, snapshot), fired_at_ms: state?.fired_at_ms ?? null };
    if (!fires) continue;
    next[name].fired_at_ms = snapshot.to_ms;
    fired.push(alertOf(rule, leader, snapshot));
  }
  return { states: next, fired };
}

/**
 * Is the rule armed after this snapshot?
 *
 * @param {OwnRule} rule @param {RuleState | undefined} state before @param {number | undefined} rank of the tag
 * @param {AnySnapshot} snapshot
 */
function isArmed({ top }, state, rank = Infinity, snapshot) {
  if (rank <= top) return false;
  if (state === undefined || state.armed) return true;
  // While the window is not whole, as after a restart of counting, a tag may be missing that has not left.
  const { coverage, from_ms } = snapshot;
  return rank > lastRank(top) && coverage.from_ms <= from_ms && coverage.missing_ms === 0;
}

/** @param {RuleState} state @param {AnySnapshot} snapshot */
const isCool = ({ fired_at_ms }, { to_ms }) => fired_at_ms === null || Math.abs(to_ms - fired_at_ms) >= COOLDOWN_MS;

/**
 * @param {OwnRule} rule @param {import("./types.js").EventLeader} leader @param {AnySnapshot} snapshot
 * @returns {OwnAlert}
 */
function alertOf(rule, { label, rank, posts, authors }, { to_ms, pane_seconds, window_seconds }) {
  // Two tabs that evaluate the same rule make the same id.
  const id = `own/${ruleName(rule)}/${Math.floor(to_ms / (pane_seconds * 1000))}`;
  return { ...{ id, at_ms: to_ms, key: rule.key, label, top: rule.top }, ...{ rank, posts, authors, window_seconds } };
}

/**
 * The newest alerts, each once.
 *
 * @param {OwnAlert[]} alerts the oldest first @param {OwnAlert[]} more @returns {OwnAlert[]}
 */
export const withAlerts = (alerts, more) =>
  [...alerts, ...more.filter(({ id }) => alerts.every((one) => one.id !== id))].slice(-MAX_ALERTS);

/** The rules that the browser stored. Anything else is left out. @param {unknown} stored @returns {OwnRule[]} */
export function parseRules(stored) {
  if (!Array.isArray(stored)) return [];
  const isRule = (/** @type {any} */ one) =>
    typeof one?.key === "string" && one.key !== "" && typeof one.label === "string" && TOPS.includes(one.top);
  return stored.filter(isRule).slice(0, MAX_RULES).map(({ key, label, top }) => ({ key, label, top }));
}

/**
 * The states that the browser stored, by name of the rule. Anything else is left out.
 *
 * @param {unknown} stored @returns {Record<string, RuleState>}
 */
export function parseStates(stored) {
  if (typeof stored !== "object" || stored === null) return {};
  const isState = (/** @type {any} */ one) =>
    typeof one?.armed === "boolean" && (one.fired_at_ms === null || Number.isFinite(one.fired_at_ms));
  return Object.fromEntries(Object.entries(stored).filter(([, state]) => isState(state)));
}

/** The alerts that the browser stored. Anything else is left out. @param {unknown} stored @returns {OwnAlert[]} */
export function parseOwnAlerts(stored) {
  if (!Array.isArray(stored)) return [];
  const isAlert = (/** @type {any} */ one) =>
    [one?.id, one?.key, one?.label].every((text) => typeof text === "string") &&
    [one.at_ms, one.top, one.posts, one.window_seconds].every(Number.isFinite) &&
    (one.authors === null || Number.isFinite(one.authors));
  return stored.filter(isAlert).slice(-MAX_ALERTS);
}
