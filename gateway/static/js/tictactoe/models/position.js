// What a position is on every board. X moves first. No DOM.

/** @typedef {{ board: string, last: number | null }} Position board: a character a cell, row by row; last: the cell taken last */
/** @typedef {Wire.Side | "."} Held what lies in a cell */

/**
 * @param {Wire.Side} side
 * @returns {Wire.Side}
 */
export const other = (side) => (side === "X" ? "O" : "X");

/**
 * Whose turn it is, from the counts.
 * @param {string} board
 */
export function turn(board) {
  const stones = board.replaceAll(".", "").length;
  return stones % 2 === 0 ? "X" : "O";
}

/**
 * What lies in a cell.
 * @param {string} board
 * @param {number} cell
 */
export const held = (board, cell) => /** @type {Held} */ (board[cell]);

/**
 * The board after `side` takes `cell`.
 * @param {string} board
 * @param {Wire.Side} side
 * @param {number} cell
 */
export function place(board, side, cell) {
  return board.slice(0, cell) + side + board.slice(cell + 1);
}

/**
 * The position after the side on turn takes `cell`.
 * @param {Position} position
 * @param {number} cell
 * @returns {Position}
 */
export function after({ board }, cell) {
  return { board: place(board, turn(board), cell), last: cell };
}

/**
 * The first of `lines` that one side holds whole, and which; or null.
 * @param {string} board
 * @param {number[][]} lines
 */
export function heldLine(board, lines) {
  for (const line of lines) {
    const side = held(board, line[0]);
    if (side !== "." && line.every((cell) => board[cell] === side)) return { side, line };
  }
  return null;
}
