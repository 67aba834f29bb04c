/** Displays a snapshot: the bars or the view "Rising", the table, the panel and the heading. */

import { Board } from "./board/board.js";
import { EmptyBoard, emptyMessage } from "./board/empty_board.js";
import { showHeading } from "./board/heading.js";
import { Table } from "./board/table.js";
import { leadingTags } from "./model/rising.js";
import { RisingTable } from "./rising/rising_table.js";
import { RisingView } from "./rising/rising_view.js";
import { byId } from "./ui/dom.js";

/** @typedef {import("./model/page_types.js").AnySnapshot} AnySnapshot */
/** @typedef {import("./model/address.js").Address} Address */

/**
 * How to display a snapshot. `top`: the number of bars. `open`: the tag whose panel is open.
 * @typedef {{mode: "live" | "paused" | "past", top: number, table: boolean, fold: boolean, open: string | null,
 *   now_ms: number, colours: Map<string, string>, pins_full: boolean}} DisplayOptions
 */

export class Display {
  /**
   * @param {any} figures see dashboard/page/figures.py @param {import("./ui/frame_queue.js").FrameQueue} frame_queue
   * @param {import("./panel/tag_panel.js").TagPanel} panel @param {import("./controls/mute_list.js").MuteList} mutes
   * @param {{onPin: (key: string) => void, onChange: (part: Partial<Address>) => void}} handlers
   */
  constructor(figures, frame_queue, panel, mutes, { onPin, onChange }) {
    this.mutes = mutes;
    this.frame_queue = frame_queue;
    this.panel = panel;
    this.board = new Board(figures, frame_queue, onPin);
    this.empty_board = new EmptyBoard(onChange);
    this.table = new Table();
    this.rising = new RisingView(onChange);
    this.rising_table = new RisingTable();
    this.is_rising = false;
    this.as_table = false;
  }

  /** @param {AnySnapshot} received @param {DisplayOptions} options @param {boolean} at_once not over several frames */
  show(received, options, at_once) {
    const snapshot = this.mutes.visible(received);
    const { mode, open, now_ms } = options;
    this.is_rising = snapshot.view.ranking === "rising";
    this.#showParts();
    if (this.is_rising) this.rising.show(snapshot, { mode, now_ms, open });
    else this.board.show(snapshot, { ...options, live: mode === "live" });
    this.empty_board.show(emptyMessage(snapshot, mode));
    this.frame_queue.add(this.panel, () => this.panel.update(snapshot, now_ms));
    this.frame_queue.add(this.table, () => this.showTable(received, options));
    this.frame_queue.add(showHeading, () => showHeading(snapshot, mode, now_ms));
    if (at_once) this.frame_queue.flush();
  }

  /** @param {AnySnapshot} received @param {DisplayOptions} options */
  showTable(received, { top, now_ms, open }) {
    const snapshot = this.mutes.visible(received);
    if (snapshot.view.ranking === "rising") this.rising_table.show(snapshot, now_ms, open);
    else this.table.show(snapshot, top, now_ms, open);
  }

  /** @param {number} top the number of bars @param {boolean} as_table */
  setLayout(top, as_table) {
    this.board.setTop(top);
    this.table.toggle(as_table);
    this.as_table = as_table;
    this.#showParts();
  }

  /** Show the bars, the view "Rising", or the table of one of them. */
  #showParts() {
    const { is_rising, as_table } = this;
    document.body.classList.toggle("rising-view", is_rising);
    byId("board").hidden = as_table || is_rising;
    byId("rising").hidden = as_table || !is_rising;
    byId("table-view").hidden = is_rising;
    byId("rising-table-view").hidden = !as_table || !is_rising;
  }

  /**
   * Announce what changed, for viewers with a screen reader.
   *
   * @param {import("./status/announcer.js").Announcer} announcer @param {AnySnapshot} received
   * @param {DisplayOptions} options @param {import("./model/pipeline_state.js").State} state
   */
  announce(announcer, received, { mode, top, now_ms }, state) {
    const snapshot = this.mutes.visible(received);
    const { view, rising, window_seconds } = snapshot;
    const shown = JSON.stringify([view, mode]);
    if (view.ranking !== "rising") announcer.update(snapshot.top.slice(0, top), state, shown, now_ms);
    else announcer.updateRising(leadingTags(rising, window_seconds, now_ms), state, shown, now_ms);
  }

  /** Order the rows or topics again, even if the pointer is on them. @returns {boolean} was the order held? */
  release() {
    return this.is_rising ? this.rising.release() : this.board.release();
  }

  /** Focus a tag. @param {string} key */
  focus(key) {
    if (this.is_rising) (this.as_table ? this.rising_table : this.rising).focus(key);
    else (this.as_table ? this.table : this.board).focus(key);
  }
}
