/** The shown stage of the lesson: its sentence, why, the facts of the micro-batch, and the drawing. */

import { STAGES } from "../model/lesson.js";
import { count, longLength } from "../i18n/format.js";
import { byId, make, setText } from "../ui/dom.js";
import { canAnimate } from "../ui/theme.js";
import { showCounts, showPane } from "./count_stages.js";
import { showPosts, showTags } from "./post_stages.js";
import { placesText } from "./stage_map.js";
import { showTop, showWindow } from "./window_stages.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/types.js").Trace} Trace */

const texts = words.lesson;
/** @type {Record<import("../model/lesson.js").StageName, (trace: Trace) => import("./parts.js").Shown>} */
const DRAWINGS = { posts: showPosts, tags: showTags, count: showCounts, pane: showPane, window: showWindow, top: showTop };

export class StageView {
  /** @param {() => void} onWhy the viewer wants to read why */
  constructor(onWhy) {
    this.drawing = byId("lesson-drawing");
    this.onWhy = onWhy;
    this.why = byId("lesson-why");
    setText(this.why, texts.why);
    this.why.addEventListener("click", () => this.toggleWhy());
  }

  /** Open or close the sentences that say why. */
  toggleWhy() {
    this.#openWhy(this.why.ariaExpanded !== "true");
    if (this.why.ariaExpanded === "true") this.onWhy();
  }

  /** @param {boolean} open */
  #openWhy(open) {
    this.why.ariaExpanded = String(open);
    byId("lesson-why-text").hidden = !open;
  }

  /** @param {number} stage @param {Trace} trace @returns {string} what a screen reader says */
  show(stage, trace) {
    const { name, places } = STAGES[stage];
    const { name: title, sentence, why } = texts.stages[name];
    const stage_of = texts.stage_of(count(stage + 1), count(STAGES.length));
    const { facts, drawing } = DRAWINGS[name](trace);
    setText(byId("lesson-stage-number"), count(stage + 1));
    setText(byId("lesson-stage-name"), title);
    setText(byId("lesson-place"), texts.runs_in(placesText(places, trace)));
    byId("lesson-place").dataset.place = places[0];
    const pane_seconds = (trace.pane.to_ms - trace.pane.from_ms) / 1000;
    const text = sentence(longLength(pane_seconds), longLength((trace.closed_panes + 1) * pane_seconds));
    setText(byId("lesson-sentence"), text);
    this.#openWhy(false);
    setText(byId("lesson-why-text"), why.join(" "));
    byId("lesson-facts").replaceChildren(...facts.map((fact) => make("li", "", fact)));
    this.drawing.dataset.stage = name;
    this.drawing.replaceChildren(...drawing);
    this.drawing.scrollTop = 0;
    return texts.spoken(stage_of, title, text);
  }

  /** While the stage plays, long lists scroll, so that each row is visible once. @param {number} part of the stage's time */
  scroll(part) {
    if (!canAnimate() || this.drawing.matches(":hover, :focus-within")) return;
    for (const list of this.drawing.querySelectorAll(".lesson-list")) {
      list.scrollTop = part * (list.scrollHeight - list.clientHeight);
    }
  }
}
