/** Passes the size of the board to its style sheet. */

import { setStyle } from "../ui/dom.js";

/**
 * Keep the custom properties `--board-width` and `--board-height` of `board` at its size, in pixels.
 *
 * CSS container units are not used here: with them the browser computes the styles of all rows again whenever a text in
 * the board changes, which takes half as long as the rest of an update.
 *
 * @param {HTMLElement} board
 */
export function observeBoardSize(board) {
  /** @param {number} width @param {number} height */
  const setSize = (width, height) => {
    // A hidden board has no size; its last size stays.
    if (width === 0) return;
    setStyle(board, "--board-width", `${width}px`);
    setStyle(board, "--board-height", `${height}px`);
  };
  setSize(board.clientWidth, board.clientHeight);
  new ResizeObserver(([{ contentRect }]) => setSize(contentRect.width, contentRect.height)).observe(board);
}
