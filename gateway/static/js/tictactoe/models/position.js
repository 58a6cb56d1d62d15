// What a position is on every board: {board, last}. board: a character a cell, X, O or ".", row by row;
// last: the cell taken last, or null. X moves first. No DOM.

export const other = (side) => (side === "X" ? "O" : "X");

/** Whose turn it is, from the counts. */
export function turn(board) {
  const stones = board.replaceAll(".", "").length;
  return stones % 2 === 0 ? "X" : "O";
}

/** The board after `side` takes `cell`. */
export function place(board, side, cell) {
  return board.slice(0, cell) + side + board.slice(cell + 1);
}

/** The position after the side on turn takes `cell`. */
export function after({ board }, cell) {
  return { board: place(board, turn(board), cell), last: cell };
}

/** The first of `lines` that one side holds whole, or null. */
export function heldLine(board, lines) {
  return lines.find((line) => board[line[0]] !== "." && line.every((cell) => board[cell] === board[line[0]])) ?? null;
}
