// The rules of m,n,k boards: m columns, n rows, k in a row wins; in misère it loses. No DOM.

import { heldLine, other, place } from "./position.js";

/** @import { Position } from "./position.js" */
/** @typedef {{ status: Wire.Status, line: number[] | null }} Result line: the cells that decided */

// Rows, columns, diagonals: the first complete line is the one that is shown, as on the server.
const DIRECTIONS = [
  { dx: 1, dy: 0 },
  { dx: 0, dy: 1 },
  { dx: 1, dy: 1 },
  { dx: -1, dy: 1 },
];

export class Grid {
  ultimate = /** @type {const} */ (false);

  /**
   * @param {number} columns
   * @param {number} rows
   * @param {number} k
   * @param {Exclude<Wire.VariantName, "ultimate">} variant
   */
  constructor(columns, rows, k, variant = "mnk") {
    this.columns = columns;
    this.rows = rows;
    this.k = k;
    this.variant = variant;
    this.name = variant === "mnk" ? `${columns}x${rows}x${k}` : variant;
    this.misere = variant === "misere";
    /** @type {Position} */
    this.start = { board: ".".repeat(columns * rows), last: null };
    this.lines = DIRECTIONS.flatMap((direction) =>
      Array.from(this.start.board, (_, cell) => this.#line(cell, direction)).filter((line) => line !== null),
    );
  }

  /**
   * The cells that may be taken while the game is on, ascending.
   * @param {Position} position
   */
  legal({ board }) {
    return Array.from(board, (_, cell) => cell).filter((cell) => board[cell] === ".");
  }

  /**
   * @param {Position} position
   * @returns {Result}
   */
  result({ board }) {
    const found = heldLine(board, this.lines);
    if (found) return { status: this.misere ? other(found.side) : found.side, line: found.line };
    return { status: board.includes(".") ? "playing" : "draw", line: null };
  }

  /**
   * The lines that `side` completes by taking `cell`.
   * @param {Position} position
   * @param {Wire.Side} side
   * @param {number} cell
   */
  linesCompleted({ board }, side, cell) {
    const next = place(board, side, cell);
    return this.lines.filter((line) => line.includes(cell) && line.every((each) => next[each] === side));
  }

  /**
   * @param {number} cell
   * @param {{ dx: number, dy: number }} direction
   */
  #line(cell, { dx, dy }) {
    const [x, y] = [cell % this.columns, Math.floor(cell / this.columns)];
    const [endX, endY] = [x + dx * (this.k - 1), y + dy * (this.k - 1)];
    if (endX < 0 || endX >= this.columns || endY >= this.rows) return null;
    return Array.from({ length: this.k }, (_, i) => (y + dy * i) * this.columns + x + dx * i);
  }
}
