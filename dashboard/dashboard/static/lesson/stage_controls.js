/** The buttons and keys of the lesson: previous and next stage, pause, slower, faster. */

import { make, byId, setAttribute, setStyle, setText } from "../ui/dom.js";
import { isPageKey } from "../ui/keys.js";
import { count } from "../i18n/format.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/lesson_player.js").LessonPlayer} LessonPlayer */
/** @typedef {"previous" | "next" | "pause" | "slower" | "faster" | "why"} Action */

const texts = words.lesson;
/**
 * Keys of the page. A presenter's remote sends PageUp and PageDown.
 *
 * @type {[key: string, action: Action][]}
 */
const KEYS = [
  ["ArrowLeft", "previous"],
  ["PageUp", "previous"],
  ["ArrowRight", "next"],
  ["PageDown", "next"],
  [" ", "pause"],
  ["-", "slower"],
  ["+", "faster"],
  ["w", "why"],
];
/** On these elements Space does something else. */
const PRESSED_BY_SPACE = "button, summary, a, input, select";

export class StageControls {
  /** @param {(action: Action) => void} onAction */
  constructor(onAction) {
    const box = byId("lesson-controls");
    setAttribute(box, "aria-label", texts.controls);
    const button = (/** @type {Action} */ action, /** @type {string} */ text) => {
      const made = make("button", "control", text);
      made.type = "button";
      made.dataset.action = action;
      made.addEventListener("click", () => onAction(action));
      return made;
    };
    this.previous = button("previous", "←");
    this.pause = button("pause", texts.pause);
    this.previous.append(make("span", "", texts.previous));
    this.next_text = make("span");
    this.next = button("next", "");
    this.next.replaceChildren(this.next_text, "→");
    this.slower = button("slower", "−");
    this.speed = make("span", "lesson-speed");
    this.faster = button("faster", "+");
    setAttribute(this.slower, "aria-label", texts.slower);
    setAttribute(this.faster, "aria-label", texts.faster);
    this.newer = make("p", "lesson-newer");
    this.over = make("span", "lesson-over");
    this.over.setAttribute("aria-hidden", "true");
    const speeds = make("span", "lesson-speeds", this.slower, this.speed, this.faster);
    box.replaceChildren(this.previous, this.pause, this.next, this.newer, speeds, this.over);
    addEventListener("keydown", (event) => {
      const [, action] = KEYS.find(([key]) => isPageKey(event, key)) ?? [];
      if (action === undefined || (event.key === " " && isPressedBySpace(event))) return;
      event.preventDefault();
      onAction(action);
    });
  }

  /** @param {LessonPlayer} player */
  show(player) {
    this.previous.disabled = player.is_first;
    setText(this.next_text, player.is_last ? texts.again : texts.next);
    setText(this.pause, player.paused ? texts.play : texts.pause);
    this.slower.disabled = !player.can_slow_down;
    this.faster.disabled = !player.can_speed_up;
    setText(this.speed, texts.speed(player.speed < 1 ? String(player.speed) : count(player.speed)));
    this.showPart(player);
  }

  /** How many posts were counted since the shown micro-batch. @param {number} newer */
  showNewer(newer) {
    setText(this.newer, newer ? texts.newer(count(newer), newer) : "");
  }

  /** How much of the stage's time is over. @param {LessonPlayer} player */
  showPart(player) {
    setStyle(this.over, "--part", player.part.toFixed(3));
  }
}

/** @param {KeyboardEvent} event */
const isPressedBySpace = ({ target }) => target instanceof Element && target.matches(PRESSED_BY_SPACE);
