/** The list behind the bell: the alerts, the viewer's own rules with "Remove" and "Undo", and the rules of the page. */

import { formatAddress, panelHash, DEFAULT_VIEW, RISING_VIEW } from "../model/address.js";
import { ruleName } from "../model/own_rules.js";
import { ruleText } from "./tag_bell.js";
import { byId, make, setTagText, setText } from "../ui/dom.js";
import { count as formatCount, moment } from "../i18n/format.js";
import { language, words } from "../i18n/messages.js";

/** @typedef {import("../model/alerts.js").ListedAlert} ListedAlert */
/** @typedef {import("../model/address.js").Address} Address */
/** @typedef {import("../model/own_rules.js").OwnRule} OwnRule */
/** @typedef {import("../model/types.js").AlertRule} AlertRule */

/** The history has 24 hours; an older moment has no link. */
const HISTORY_MS = 86_400_000;

export class AlertList {
  /**
   * @param {import("./own_rules.js").OwnRules} own
   * @param {{address: () => Address, onOpen: () => void, onGoTo: (part: Partial<Address>) => void,
   *   now: () => number}} handlers `onOpen`: the viewer sees the list; `onGoTo`: show a moment
   */
  constructor(own, handlers) {
    this.own = own;
    this.handlers = handlers;
    this.popover = byId("alerts");
    /** Rules that were removed while the list is open: "Undo" adds them again. @type {OwnRule[]} */
    this.removed = [];
    this.popover.addEventListener("beforetoggle", (event) => this.#onToggle(/** @type {ToggleEvent} */ (event).newState));
    byId("alerts-list").addEventListener("click", (event) => this.#onLink(event));
    byId("alerts-own").addEventListener("click", ({ target }) => {
      const { name } = /** @type {Element} */ (target).closest("button")?.dataset ?? {};
      if (name !== undefined) this.#onRule(name);
    });
  }

  get is_open() {
    return this.popover.matches(":popover-open");
  }

  open() {
    if (!this.is_open) this.popover.showPopover({ source: byId("bell") });
  }

  /** @param {ListedAlert[]} alerts @param {Set<string>} seen ids of those that are not marked as new */
  showAlerts(alerts, seen) {
    byId("alerts-none").hidden = alerts.length > 0;
    const list = byId("alerts-list");
    const ids = new Set(alerts.map(({ id }) => id));
    for (const item of [...list.children]) if (!ids.has(idOf(item))) item.remove();
    const items = new Map([...list.children].map((item) => [idOf(item), item]));
    alerts.forEach((alert, place) => {
      const [item, there] = [items.get(alert.id) ?? this.#makeItem(alert, seen), list.children.item(place)];
      // An item in its place is not touched, so that it keeps the focus.
      if (item !== there) list.insertBefore(item, there);
    });
  }

  /** Make all items again when the list is opened. */
  clear() {
    byId("alerts-list").replaceChildren();
  }

  /** Display why the file of the rules can't be used. @param {string | null} error */
  showError(error) {
    byId("alerts-error").hidden = error === null;
    setText(byId("alerts-error-text"), error ?? "");
  }

  /** Display how many alerts the job had to drop. @param {number} count */
  showDropped(count) {
    byId("alerts-dropped").hidden = count === 0;
    setText(byId("alerts-dropped"), words.alerts.dropped(formatCount(count), count));
  }

  /** Display the rules of the page. @param {AlertRule[]} rules */
  showRules(rules) {
    byId("alerts-rules-box").hidden = rules.length === 0;
    byId("alerts-rules").replaceChildren(...rules.map(makeRule));
  }

  /** Display the rules of the viewer. */
  showOwn() {
    const rules = [...this.own.rules, ...this.removed.filter((rule) => !this.own.has(rule))];
    byId("alerts-own-box").hidden = rules.length === 0;
    const focused = /** @type {HTMLElement | null} */ (byId("alerts-own").querySelector("button:focus"))?.dataset.name;
    byId("alerts-own").replaceChildren(...rules.map((rule) => makeOwnRule(rule, this.own.has(rule))));
    if (focused) /** @type {HTMLElement} */ (byId("alerts-own").querySelector(`[data-name="${CSS.escape(focused)}"]`))?.focus();
  }

  /** @param {string} state */
  #onToggle(state) {
    if (state === "open") this.handlers.onOpen();
    this.removed = [];
    this.showOwn();
  }

  /** @param {string} name of a rule */
  #onRule(name) {
    const rule = [...this.own.rules, ...this.removed].find((one) => ruleName(one) === name);
    if (rule === undefined) return;
    if (!this.own.has(rule)) this.own.add(rule);
    else {
      this.removed = [...this.removed, rule];
      this.own.remove(rule);
    }
  }

  /** A link to a moment or to a panel changes this page. @param {MouseEvent} event */
  #onLink(event) {
    const link = /** @type {Element} */ (event.target).closest("a");
    if (link === null || event.ctrlKey || event.metaKey || event.shiftKey) return;
    this.popover.hidePopover();
    const { at, rises } = link.dataset;
    if (at === undefined) return;
    event.preventDefault();
    this.handlers.onGoTo({ at_ms: Number(at), view: rises === "true" ? RISING_VIEW : DEFAULT_VIEW });
  }

  /** @param {ListedAlert} alert @param {Set<string>} seen */
  #makeItem({ id, at_ms, rule, key, label, sentence, lang, rises }, seen) {
    const text = make("p", "alert-sentence", sentence);
    if (lang !== language) text.lang = lang;
    const is_new = !seen.has(id);
    const name = make("span", "alert-rule", rule);
    name.dir = "auto";
    const head = make("p", "alert-head", name);
    if (is_new) head.prepend(make("strong", "alert-new", words.alerts.is_new), " ");
    const links = make("p", "alert-links", this.#momentLink(at_ms, rises));
    if (key !== null) links.append(tagLink(key, label));
    const item = make("li", is_new ? "new" : "", head, text, links);
    item.dataset.id = id;
    return item;
  }

  /** @param {number} at_ms @param {boolean} rises */
  #momentLink(at_ms, rises) {
    const now_ms = this.handlers.now();
    const clock = moment(at_ms, now_ms);
    if (now_ms - at_ms > HISTORY_MS) return make("span", "alert-time", clock);
    const link = make("a", "alert-time", words.alerts.show_moment(clock));
    const view = rises ? RISING_VIEW : DEFAULT_VIEW;
    link.href = formatAddress({ ...this.handlers.address(), at_ms, view, panel: null });
    link.dataset.at = String(at_ms);
    link.dataset.rises = String(rises);
    return link;
  }
}

/** @param {Element} item */
const idOf = (item) => /** @type {HTMLElement} */ (item).dataset.id ?? "";

/** @param {string} key @param {string} label */
function tagLink(key, label) {
  const link = make("a", "alert-tag");
  link.href = panelHash({ name: "tag", key });
  setTagText(link, label);
  return link;
}

/** @param {AlertRule} rule of the page */
function makeRule({ name, sentence_en, sentence_es }) {
  const text = make("span", "", language === "es" ? sentence_es : sentence_en);
  text.lang = language === "es" ? "es" : "en";
  const title = make("strong", "", name);
  title.dir = "auto";
  return make("li", "", title, " ", text);
}

/** @param {OwnRule} rule @param {boolean} is_set "Undo" is offered for a removed one */
function makeOwnRule(rule, is_set) {
  const text = ruleText(rule);
  const button = make("button", "control", is_set ? words.alerts.remove : words.page.undo);
  button.type = "button";
  button.dataset.name = ruleName(rule);
  button.ariaLabel = is_set ? words.alerts.remove_rule(text) : words.alerts.undo_rule(text);
  const name = make("span", is_set ? "" : "removed", text);
  name.dir = "auto";
  return make("li", "", name, button);
}
