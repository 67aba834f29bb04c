/** On a wall a new alert is displayed for some seconds, over the status at the bottom. It covers no bar and no label. */

import { byId, setText } from "../ui/dom.js";

/** @typedef {import("../model/alerts.js").ListedAlert} ListedAlert */

export const VISIBLE_MS = 12_000;
/** More alerts that wait are left out, the oldest first. */
const MAX_WAITING = 5;

export class WallAlert {
  constructor() {
    this.element = byId("wall-alert");
    /** @type {ListedAlert[]} */
    this.waiting = [];
    this.timer = 0;
  }

  /** @param {ListedAlert[]} fresh the oldest first */
  show(fresh) {
    this.waiting = [...this.waiting, ...fresh].slice(-MAX_WAITING);
    if (this.timer === 0) this.#next();
  }

  #next() {
    const alert = this.waiting.shift();
    this.element.classList.toggle("visible", alert !== undefined);
    this.timer = alert ? window.setTimeout(() => this.#next(), VISIBLE_MS) : 0;
    if (alert === undefined) return;
    setText(byId("wall-alert-rule"), alert.rule);
    setText(byId("wall-alert-sentence"), alert.sentence);
    byId("wall-alert-sentence").lang = alert.lang;
  }
}
