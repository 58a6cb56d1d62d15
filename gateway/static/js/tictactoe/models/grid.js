// The rules of m,n,k boards: m columns, n rows, k in a row wins; in misère it loses. No DOM.

import { heldLine, other, place } from "./position.js";

// Rows, columns, diagonals: the first complete line is the one that is shown, as on the server.
const DIRECTIONS = [
  [1, 0],
  [0, 1],
  [1, 1],
  [-1, 1],
];

export class Grid {
  constructor(columns, rows, k, { misere = false } = {}) {
    Object.assign(this, { columns, rows, k, misere });
    this.start = { board: ".".repeat(columns * rows), last: null };
    this.lines = DIRECTIONS.flatMap((direction) =>
      Array.from(this.start.board, (_, cell) => this.#line(cell, direction)).filter(Boolean),
    );
  }

  /** The cells that may be taken while the game is on, ascending. */
  legal({ board }) {
    return Array.from(board, (_, cell) => cell).filter((cell) => board[cell] === ".");
  }

  /** {status: "playing", "X", "O" or "draw"; line: the cells that decided, or null}. */
  result({ board }) {
    const line = heldLine(board, this.lines);
    if (line) return { status: this.misere ? other(board[line[0]]) : board[line[0]], line };
    return { status: board.includes(".") ? "playing" : "draw", line };
  }

  /** The lines that `side` completes by taking `cell`. */
  linesCompleted({ board }, side, cell) {
    const next = place(board, side, cell);
    return this.lines.filter((line) => line.includes(cell) && line.every((each) => next[each] === side));
  }

  #line(cell, [dx, dy]) {
    const [x, y] = [cell % this.columns, Math.floor(cell / this.columns)];
    const [endX, endY] = [x + dx * (this.k - 1), y + dy * (this.k - 1)];
    if (endX < 0 || endX >= this.columns || endY >= this.rows) return null;
    return Array.from({ length: this.k }, (_, i) => (y + dy * i) * this.columns + x + dx * i);
  }
}
