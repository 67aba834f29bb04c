/** The map of the lesson: all six stages with the place where each runs. Each is a button that shows the stage. */

import { STAGES } from "../model/lesson.js";
import { count } from "../i18n/format.js";
import { byId, make, setAttribute, setText } from "../ui/dom.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/types.js").Trace} Trace */
/** @typedef {import("../model/lesson.js").Place} Place */

const texts = words.lesson;
/** More executors are named by the first and the last one. */
const MAX_NAMED = 3;

export class StageMap {
  /** @param {(stage: number) => void} onChoose */
  constructor(onChoose) {
    const list = byId("lesson-map");
    setAttribute(list, "aria-label", texts.map);
    this.buttons = STAGES.map(({ name }, index) => {
      const button = make("button", "", make("b", "", count(index + 1)), " ", make("span", "", texts.stages[name].name));
      button.type = "button";
      button.addEventListener("click", () => onChoose(index));
      return button;
    });
    this.places = STAGES.map(() => make("span", "lesson-where"));
    list.replaceChildren(...STAGES.map(({ places }, index) => {
      const item = make("li", "", this.buttons[index], this.places[index]);
      item.dataset.place = places[0];
      // One line under all stages that run in the same place.
      item.classList.toggle("continues", continues(index));
      return item;
    }));
  }

  /** @param {number} stage the shown one @param {Trace | null} trace */
  show(stage, trace) {
    STAGES.forEach(({ places }, index) => {
      setAttribute(this.buttons[index], "aria-current", index === stage ? "step" : null);
      this.buttons[index].classList.toggle("over", index < stage);
      setText(this.places[index], continues(index) ? "" : placesText(places, trace));
    });
  }
}

/** Does a stage run in the same places as the one before? @param {number} index */
const continues = (index) => STAGES[index].places.join() === STAGES[index - 1]?.places.join();

/** Where a stage runs: "executors 1, 2". @param {Place[]} places @param {Trace | null} trace */
export const placesText = (places, trace) =>
  places.map((place) => (place === "executors" ? executorsText(trace) : texts.places[place])).join(" → ");

/** @param {Trace | null} trace */
function executorsText(trace) {
  const numbers = [...new Set(trace?.tasks.map(({ executor }) => executor))].sort((one, other) => one - other);
  if (numbers.length === 0) return texts.places.executors;
  if (numbers.length === 1) return texts.executor(count(numbers[0]));
  if (numbers.length <= MAX_NAMED) return `${texts.places.executors} ${numbers.map(count).join(", ")}`;
  return `${texts.places.executors} ${count(numbers[0])}–${count(numbers[numbers.length - 1])}`;
}
