// The rules a page needs to be playable on its own: nine characters of X, O and ".", row by row. No DOM.

export const EMPTY = ".........";

// Rows, columns, diagonals: the first complete one is the line that is shown, as on the server.
export const LINES = [
  [0, 1, 2], [3, 4, 5], [6, 7, 8],
  [0, 3, 6], [1, 4, 7], [2, 5, 8],
  [0, 4, 8], [2, 4, 6],
];

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

/** The first complete line, or null. */
export function wonLine(board) {
  return LINES.find(([a, b, c]) => board[a] !== "." && board[a] === board[b] && board[b] === board[c]) ?? null;
}

/** "playing", "X", "O" or "draw". */
export function status(board) {
  const line = wonLine(board);
  if (line) return board[line[0]];
  return board.includes(".") ? "playing" : "draw";
}

/** The lines that `side` completes by taking `cell`. */
export function linesCompleted(board, side, cell) {
  const after = place(board, side, cell);
  return LINES.filter((line) => line.includes(cell) && line.every((each) => after[each] === side));
}
