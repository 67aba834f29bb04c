/**
 * "What if?": buttons that disturb the running services for real, and whether the counts came out right. It is there only
 * if the operator allows it, on a made-up stream.
 */

import { ApiError, beginFault, catchApiError } from "../net/api.js";
import { clockTime, count, posts } from "../i18n/format.js";
import { byId, make, setAttribute, setText, setTextWithQuotes } from "../ui/dom.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/types.js").Fault} Fault */
/** @typedef {import("../model/types.js").Faults} Faults */
/** @typedef {Fault["fault"]} FaultName */

const texts = words.what_if;
/** @type {FaultName[]} */
const NAMES = ["stop-spark", "kill-python", "cut-socket", "same-post", "wrong-clock"];
/** After so many older answers, the job does not know the fault any more. */
const MAX_OLDER = 5;

export class LessonFaults {
  constructor() {
    /** The newest fault. @type {Fault | null} */
    this.latest = null;
    /** The fault that this page began. Until an answer has it, answers are older. @type {number} */
    this.begun = 0;
    /** How many answers in a row were older. */
    this.older = 0;
    /** Is the request to begin a fault on its way, or its first state? */
    this.is_pending = false;
    this.buttons = NAMES.map((name) => this.#button(name));
    this.panel = make("div", "lesson-what-if", make("p", "", texts.about), make("ul", "", ...this.buttons.map((button, index) =>
      make("li", "", button, make("span", "", texts.faults[NAMES[index]].sentence)))));
    this.panel.popover = "auto";
    this.panel.id = "lesson-what-if";
    const open = make("button", "control", texts.open);
    open.type = "button";
    open.popoverTargetElement = this.panel;
    // What a screen reader says changes with the state; the numbers beside it change every other second.
    this.state = make("span", "lesson-fault-state");
    this.state.setAttribute("role", "status");
    this.numbers = make("span", "lesson-fault-numbers");
    const section = byId("lesson-faults");
    setAttribute(section, "aria-label", texts.open);
    section.replaceChildren(open, make("p", "", this.state, " ", this.numbers), this.panel);
  }

  /** Is there a fault whose outcome is not known yet? */
  get is_running() {
    return this.is_pending || this.latest?.state === "running" || this.latest?.state === "checking";
  }

  /** @param {Faults} faults */
  show({ allowed, latest }) {
    byId("lesson-faults").hidden = !allowed;
    if (latest === null || latest.number < this.begun) return this.#onOlder();
    // While the request to begin is on its way, the newest fault is the one before.
    if (this.is_pending && latest.number !== this.begun) return;
    const is_new = JSON.stringify(latest) !== JSON.stringify(this.latest);
    this.is_pending = false;
    this.older = 0;
    this.latest = latest;
    // Why a request failed stays until there is news.
    if (is_new) this.#showFault(latest);
    this.#showButtons();
  }

  /** An answer does not have the fault that runs: it was made before, or the job has started again. */
  #onOlder() {
    if (!this.is_running || this.begun === 0) return;
    this.older += 1;
    if (this.older < MAX_OLDER) return;
    this.is_pending = false;
    this.latest = null;
    this.#showState("failed", texts.gone);
    this.#showButtons();
  }

  /** @param {FaultName} name */
  #button(name) {
    const button = make("button", "control", texts.faults[name].name);
    button.type = "button";
    button.addEventListener("click", () => void this.#begin(name));
    return button;
  }

  /** @param {FaultName} name */
  async #begin(name) {
    if (this.is_running) return;
    this.is_pending = true;
    this.#showButtons();
    this.panel.hidePopover();
    this.#showState("running", texts.begins(texts.faults[name].name));
    const answer = await beginFault(name).catch(catchApiError);
    if (answer instanceof ApiError) {
      this.is_pending = false;
      this.#showState("failed", texts.failed(texts.faults[name].name, answer.message), answer.from_server ? answer.message : "");
      this.#showButtons();
    } else {
      this.begun = answer.number;
      this.older = 0;
    }
  }

  /** @param {Fault} fault */
  #showFault(fault) {
    const { name, running } = texts.faults[fault.fault];
    const { state, accepted, counted } = fault;
    if (state === "running" || state === "checking") {
      const sentence = state === "running" ? texts.running(name, running) : texts.checking(name);
      this.#showState(state, sentence, "", texts.numbers(posts(accepted), count(counted)));
    } else if (state === "failed") {
      this.#showState(state, texts.failed(name, fault.error ?? ""), fault.error ?? "");
    } else {
      this.#showState(state, state === "right" ? rightText(fault) : wrongText(fault));
    }
  }

  /**
   * @param {Fault["state"]} state @param {string} text @param {string} [quote] the part of it that is the server's
   * @param {string} [numbers] change while the text stays
   */
  #showState(state, text, quote = "", numbers = "") {
    byId("lesson-faults").dataset.state = state;
    setTextWithQuotes(this.state, text, quote ? [quote] : []);
    setText(this.numbers, numbers);
  }

  /** A button that can't be pressed now keeps the focus. */
  #showButtons() {
    for (const button of this.buttons) setAttribute(button, "aria-disabled", this.is_running ? "true" : null);
  }
}

/** @param {Fault} fault */
function rightText(fault) {
  const { name, right } = texts.faults[fault.fault];
  const { accepted, counted, pane_recounted } = fault;
  // A post that is sent again has the time of its first arrival; those with a wrong clock have that of their own.
  const at_ms = fault.sent[0]?.at_ms;
  const why = right(fault.fault === "cut-socket" ? count(fault.connections ?? 0) : at_ms ? clockTime(at_ms) : "");
  return `${name}: ${why} ${texts.right(posts(accepted), count(counted), count(pane_recounted ?? 0))}`;
}

/** @param {Fault} fault */
function wrongText({ fault, accepted, counted, lost, pane_counted, pane_recounted }) {
  const panes = texts.panes(count(pane_counted ?? 0), count(pane_recounted ?? 0));
  return `${texts.faults[fault].name}: ${texts.wrong(posts(accepted), count(counted), count(lost))} ${panes}`;
}
