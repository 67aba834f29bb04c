/** The size of the board, told to its style sheet. */

import { putStyle } from "../ui/dom.js";

/**
 * Keep `--board-width` and `--board-height` of `board` at its size, in pixels.
 *
 * Not the style sheet's own container units: with them each change of a text in the board computes the styles of all rows
 * again, which takes half as long as all the rest of an update.
 *
 * @param {HTMLElement} board
 */
export function tellSize(board) {
  /** @param {number} width @param {number} height */
  const tell = (width, height) => {
    // A board that is out of sight keeps the size that it had.
    if (width === 0) return;
    putStyle(board, "--board-width", `${width}px`);
    putStyle(board, "--board-height", `${height}px`);
  };
  tell(board.clientWidth, board.clientHeight);
  new ResizeObserver(([{ contentRect }]) => tell(contentRect.width, contentRect.height)).observe(board);
}
