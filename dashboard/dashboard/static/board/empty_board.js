/** What stands where the bars would be: why there are none, and the step that leads to some. */

import { DEFAULT_VIEW } from "../model/address.js";
import { byId, write } from "../ui/dom.js";
import { posts } from "../i18n/format.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/types.js").Event} Numbers */
/** @typedef {import("../model/address.js").Address} Address */
/** @typedef {{label: string, change: Partial<Address>}} Step */
/** @typedef {{text: string, step: Step | null}} Emptiness */

const say = words.board;

/** @param {string} label @param {Partial<Address>} change @returns {Step} */
const step = (label, change) => ({ label, change: { at_ms: null, ...change } });

/**
 * Why nothing is shown; null where something is. Pure.
 *
 * @param {Numbers} shown @param {"live" | "paused" | "past"} mode @returns {Emptiness | null}
 */
export function emptinessOf({ top, view, posts: seen, total }, mode) {
  if (top.length > 0) return null;
  if (mode !== "live") return { text: say.none_then, step: step(words.page.back_to_live, {}) };
  if ((view.source ?? view.lang) !== null) return { text: say.no_choice, step: step(say.show_all, { view: DEFAULT_VIEW }) };
  if (total === null || total.posts === 0) return { text: say.no_tags, step: null };
  return ofRanking(view.ranking, seen, total.posts);
}

/**
 * @param {import("../model/page_types.js").Ranking} ranking
 * @param {number} seen in the view @param {number} counted since the start
 */
function ofRanking(ranking, seen, counted) {
  if (ranking === "total") return { text: say.none_tagged(posts(counted)), step: null };
  const since_start = step(words.page.ranking_total, { view: { ranking: "total", source: null, lang: null } });
  if (ranking === "batch") {
    return { text: say.none_in_batch, step: step(say.show_window, { view: DEFAULT_VIEW }) };
  }
  const text = seen > 0 ? say.no_tags : say.window_passed;
  return { text: `${text} ${say.counted(posts(counted))}`, step: since_start };
}

export class Empty {
  /** @param {(part: Partial<Address>) => void} onChange */
  constructor(onChange) {
    this.element = byId("empty");
    this.button = byId("empty-step");
    /** @type {Partial<Address>} */
    this.change = {};
    this.button.addEventListener("click", () => onChange(this.change));
  }

  /** @param {Emptiness | null} emptiness */
  show(emptiness) {
    this.element.hidden = emptiness === null;
    if (emptiness === null) return;
    write(byId("empty-text"), emptiness.text);
    this.button.hidden = emptiness.step === null;
    if (emptiness.step === null) return;
    write(this.button, emptiness.step.label);
    this.change = emptiness.step.change;
  }
}
