// Ultimate: nine local boards in a 9×9 grid; a move's place in its local board names the local board to play next.
// A decided local board takes no further stones; three local boards in a row win. No DOM.

import { Grid } from "./grid.js";
import { heldLine } from "./position.js";

/** @import { Result } from "./grid.js" */
/** @import { Position } from "./position.js" */

const SIDE = 9;
const LOCAL = new Grid(3, 3, 3);

/** @param {number} cell */
const split = (cell) => [Math.floor(cell / SIDE), cell % SIDE];

/**
 * Which local board (0-8, row by row) a cell lies in.
 * @param {number} cell
 */
export function localBoard(cell) {
  const [row, column] = split(cell);
  return Math.floor(row / 3) * 3 + Math.floor(column / 3);
}

/**
 * The cell's place (0-8) in its local board.
 * @param {number} cell
 */
export function placeInLocal(cell) {
  const [row, column] = split(cell);
  return (row % 3) * 3 + (column % 3);
}

/**
 * The nine cells of a local board, row by row.
 * @param {number} local
 */
export function cellsOf(local) {
  const top = Math.floor(local / 3) * 3;
  const left = (local % 3) * 3;
  return Array.from({ length: 9 }, (_, place) => (top + Math.floor(place / 3)) * SIDE + left + (place % 3));
}

/**
 * A local board as a position of its own.
 * @param {string} board
 * @param {number} local
 */
function within(board, local) {
  const cells = cellsOf(local).map((cell) => board[cell]);
  return { board: cells.join(""), last: null };
}

export class Ultimate {
  name = "ultimate";
  variant = /** @type {const} */ ("ultimate");
  columns = SIDE;
  rows = SIDE;
  k = 3;
  misere = false;
  ultimate = /** @type {const} */ (true);
  /** @type {Position} */
  start = { board: ".".repeat(SIDE * SIDE), last: null };

  /**
   * Each local board's state.
   * @param {string} board
   */
  locals(board) {
    return Array.from({ length: 9 }, (_, local) => LOCAL.result(within(board, local)).status);
  }

  /**
   * The local boards that may be played: one, or every open one.
   * @param {Position} position
   */
  open({ board, last }) {
    const locals = this.locals(board);
    const sent = last === null ? null : placeInLocal(last);
    if (sent !== null && locals[sent] === "playing") return [sent];
    return locals.flatMap((state, local) => (state === "playing" ? [local] : []));
  }

  /**
   * The cells that may be taken while the game is on, ascending.
   * @param {Position} position
   */
  legal(position) {
    const cells = this.open(position).flatMap(cellsOf);
    return cells.filter((cell) => position.board[cell] === ".").sort((a, b) => a - b);
  }

  /**
   * As Grid.result; line: all cells of the three local boards.
   * @param {Position} position
   * @returns {Result}
   */
  result({ board }) {
    const locals = this.locals(board);
    const won = heldLine(locals.map((state) => (state === "X" || state === "O" ? state : ".")).join(""), LOCAL.lines);
    if (won) return { status: won.side, line: won.line.flatMap(cellsOf) };
    return { status: locals.includes("playing") ? "playing" : "draw", line: null };
  }
}
