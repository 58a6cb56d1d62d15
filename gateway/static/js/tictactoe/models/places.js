// How cells, lines and local boards are called. No DOM.

import { localBoard } from "./ultimate.js";

/** @import { Rules } from "./variants.js" */

/** @type {Record<string, string>} */
const LINES = {
  "0,1,2": "the top row",
  "3,4,5": "the middle row",
  "6,7,8": "the bottom row",
  "0,3,6": "the left column",
  "1,4,7": "the middle column",
  "2,5,8": "the right column",
  "0,4,8": "the diagonal",
  "2,4,6": "the diagonal",
};

const CELLS = [
  "the top left corner",
  "the top side",
  "the top right corner",
  "the left side",
  "the centre",
  "the right side",
  "the bottom left corner",
  "the bottom side",
  "the bottom right corner",
];

const LOCALS = [
  "top left",
  "top middle",
  "top right",
  "middle left",
  "centre",
  "middle right",
  "bottom left",
  "bottom middle",
  "bottom right",
];

const NUMBERS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];

/** @param {Rules} rules */
const isSmall = (rules) => rules.columns === 3 && rules.rows === 3;

/**
 * "top left board"
 * @param {number} local
 */
export const localName = (local) => `${LOCALS[local]} board`;

/**
 * "row 2, column 3"
 * @param {Rules} rules
 * @param {number} cell
 */
export const coordinates = (rules, cell) =>
  `row ${Math.floor(cell / rules.columns) + 1}, column ${(cell % rules.columns) + 1}`;

/**
 * A cell's accessible name: "Row 1, column 2, empty"; in ultimate with its local board.
 * @param {Rules} rules
 * @param {string} board
 * @param {number} cell
 */
export function cellName(rules, board, cell) {
  const where = coordinates(rules, cell);
  const name = `R${where.slice(1)}, ${board[cell] === "." ? "empty" : board[cell]}`;
  return rules.ultimate ? `${name}, ${localName(localBoard(cell))}` : name;
}

/**
 * A cell in a sentence: "the centre", "row 2, column 3".
 * @param {Rules} rules
 * @param {number} cell
 */
export const placeName = (rules, cell) => (isSmall(rules) ? CELLS[cell] : coordinates(rules, cell));

/**
 * What a line is called that wins or would: "the top row", "five in a row".
 * @param {Rules} rules
 * @param {number[]} line
 */
export function lineName(rules, line = []) {
  if (rules.ultimate) return "three local boards in a row";
  if (LINES[line.join()] && isSmall(rules) && rules.k === 3) return LINES[line.join()];
  return `${NUMBERS[rules.k] ?? rules.k} in a row`;
}
