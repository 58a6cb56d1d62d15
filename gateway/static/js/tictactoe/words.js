// What the page says. No DOM, no rules.

import { linesCompleted, other, status, wonLine } from "./board.js";

const LINE_NAMES = {
  "0,1,2": "the top row", "3,4,5": "the middle row", "6,7,8": "the bottom row",
  "0,3,6": "the left column", "1,4,7": "the middle column", "2,5,8": "the right column",
  "0,4,8": "the diagonal", "2,4,6": "the diagonal",
};

const CELL_NAMES = [
  "the top left corner", "the top side", "the top right corner",
  "the left side", "the centre", "the right side",
  "the bottom left corner", "the bottom side", "the bottom right corner",
];

const coordinates = (cell) => `row ${Math.floor(cell / 3) + 1}, column ${(cell % 3) + 1}`;
const capital = (sentence) => sentence[0].toUpperCase() + sentence.slice(1);
const lineName = (line) => LINE_NAMES[line.join()];

/** A cell's accessible name: "Row 1, column 2, empty". */
export function cellName(board, cell) {
  return capital(`${coordinates(cell)}, ${board[cell] === "." ? "empty" : board[cell]}`);
}

// Reasons whose words already name the cell.
const NAMING = ["fork", "block-fork", "centre", "opposite-corner", "corner", "side"];

/** A move for those who do not see it: "O takes row 1, column 2."; empty where its reason says it. */
export function moveSpoken({ side, cell, reason }) {
  return NAMING.includes(reason) ? "" : `${side} takes ${coordinates(cell)}.`;
}

// Each reason as what it does, on the board before the move: with "s" for a report, without for advice.
const DEEDS = {
  win: ({ before, side, cell }, s) => `complete${s} ${lineName(linesCompleted(before, side, cell)[0])}`,
  block: ({ before, side, cell }, s) => `block${s} ${lineName(linesCompleted(before, other(side), cell)[0])}`,
  fork: ({ cell }, s) => `make${s} two threats at once with ${CELL_NAMES[cell]}`,
  "block-fork": ({ cell }, s) => `stop${s} a double threat with ${CELL_NAMES[cell]}`,
  centre: (_, s) => `take${s} the centre`,
  "opposite-corner": ({ cell, side }, s) => `take${s} ${CELL_NAMES[cell]}, opposite ${other(side)}`,
  corner: ({ cell }, s) => `take${s} ${CELL_NAMES[cell]}`,
  side: ({ cell }, s) => `take${s} ${CELL_NAMES[cell]}`,
};

function deed(move, s) {
  const say = DEEDS[move.reason] ?? DEEDS.corner; // a reason that a newer server knows
  return say(move, s);
}

/** The AI's reason: "O blocks the top row." */
export function reasonReport(move) {
  return `${move.side} ${deed(move, "s")}.`;
}

/** The same as advice: "Best: block the top row." */
export function reasonAdvice(move) {
  return `Best: ${deed(move, "")}.`;
}

/** What a move is worth to the side that makes it: "Win", "Draw" or "Loss". */
export function worth(outcome, side) {
  if (outcome === "draw") return "Draw";
  return outcome === side ? "Win" : "Loss";
}

/** How it stands: whose turn, or the result. `last` is the move before, if any. */
export function standing(board, side, seats, last) {
  const result = status(board);
  if (result === "draw") return "It is a draw.";
  if (result !== "playing") return `${result} wins with ${lineName(wonLine(board))}.`;
  if (seats[side] !== "you") return `${side} is to move.`;
  if (seats[other(side)] === "you") return `${side} is to move.`;
  return last ? "Your turn." : `You are ${side}. Your turn.`;
}

export const thinking = (side) => `${side} is thinking…`;

/** Why a call failed, and what that means: "…, so O cannot answer." */
export function trouble(error, consequence) {
  if (error.name === "TooManyMoves") return "Too many moves at once. Wait a moment, then try again.";
  if (error.name === "StrangeAnswer") return `The server's answer does not fit this board, so ${consequence}.`;
  if (error.name === "Refused") return `The server refused: ${error.message}`;
  const cause = navigator.onLine === false ? "You are offline" : "The server cannot be reached";
  return `${cause}, so ${consequence}.`;
}
