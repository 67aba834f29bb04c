/** The rules of the viewer, which this browser stores. One tab evaluates them for all. */

import { DEFAULT_VIEW, sameView } from "../model/address.js";
import { evaluate, hasRule, parseRules, parseStates, withRule, withoutRule } from "../model/own_rules.js";
import { catchApiError, ApiError, windowAt } from "../net/api.js";
import { StoredValue } from "../ui/storage.js";

/** @typedef {import("../model/own_rules.js").OwnRule} OwnRule */
/** @typedef {import("../model/page_types.js").Snapshot} Snapshot */

const RULES = "alert-rules";
/** Only the tab that evaluates the rules writes their states. */
const STATES = "alert-rule-states";
/** A page with another view requests the window of all posts. It is stored once for each pane. */
const REQUEST_EVERY_MS = 10_000;

export class OwnRules {
  /**
   * @param {import("../ui/tab_leader.js").TabLeader} leader
   * @param {{onFired: (fired: import("../model/own_rules.js").OwnAlert[]) => void, onChange: () => void}} handlers
   */
  constructor(leader, handlers) {
    this.leader = leader;
    this.handlers = handlers;
    this.stored_rules = new StoredValue(RULES);
    this.stored_states = new StoredValue(STATES);
    this.rules = parseRules(this.stored_rules.read());
    this.requested_ms = -Infinity;
    /** The newest known window of all posts. @type {import("../model/page_types.js").AnySnapshot | null} */
    this.newest = null;
    leader.onLead = () => this.#evaluate();
    this.#lead();
    addEventListener("storage", ({ key }) => {
      if (key === RULES) this.#set(parseRules(this.stored_rules.read()));
    });
  }

  /** @param {OwnRule} rule */
  has(rule) {
    return hasRule(this.rules, rule);
  }

  /** The rules of one hashtag. @param {string} key */
  of(key) {
    return this.rules.filter((rule) => rule.key === key).sort((one, other) => one.top - other.top);
  }

  /** Add a rule. @param {OwnRule} rule @returns {boolean} is it in the list now? There is a limit. */
  add(rule) {
    this.#write(withRule(parseRules(this.stored_rules.read()), rule));
    return this.has(rule);
  }

  /** @param {OwnRule} rule */
  remove(rule) {
    this.#write(withoutRule(parseRules(this.stored_rules.read()), rule));
  }

  /** Evaluate the rules. Only live snapshots come here, also while the page shows the past. @param {Snapshot} snapshot */
  async onSnapshot(snapshot) {
    if (sameView(snapshot.view, DEFAULT_VIEW)) this.newest = snapshot;
    else if (this.rules.length > 0 && Math.abs(snapshot.to_ms - this.requested_ms) >= REQUEST_EVERY_MS) {
      this.requested_ms = snapshot.to_ms;
      const window = await windowAt(snapshot.to_ms, DEFAULT_VIEW).catch(catchApiError);
      // After an error the next request is made as usual.
      if (!(window instanceof ApiError)) this.newest = window;
    }
    this.#evaluate();
  }

  /** One tab evaluates the rules. */
  #lead() {
    if (this.rules.length > 0) this.leader.request();
  }

  /** The state of a new rule is that of the newest window. */
  #evaluate() {
    const { newest: snapshot } = this;
    if (snapshot === null || this.rules.length === 0 || !this.leader.is_leader) return;
    const before = parseStates(this.stored_states.read());
    const { states, fired } = evaluate(this.rules, before, snapshot);
    if (JSON.stringify(states) !== JSON.stringify(before)) this.stored_states.write(states);
    this.handlers.onFired(fired);
  }

  /** @param {OwnRule[]} rules */
  #write(rules) {
    this.stored_rules.write(rules);
    this.#set(rules);
  }

  /** @param {OwnRule[]} rules */
  #set(rules) {
    this.rules = rules;
    this.#lead();
    this.#evaluate();
    this.handlers.onChange();
  }
}
