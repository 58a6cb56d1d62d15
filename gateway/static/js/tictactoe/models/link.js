// A position as an address: ?game=15x15x5&moves=h8i9h7. A move is its column's letter and its row's number. No DOM.

import { after } from "./position.js";
import { rulesOf } from "./variants.js";

/** @import { Rules } from "./variants.js" */

const MOVE = /[a-o](?:1[0-5]|[1-9])/g;
const MOVES = /^(?:[a-o](?:1[0-5]|[1-9]))*$/;
const FIRST_LETTER = "a".charCodeAt(0);

/** Why a link cannot be opened, in words for the person who followed it. */
export class BadLink extends Error {}

/**
 * @param {Rules} rules
 * @param {number} cell
 */
export function encodeMove(rules, cell) {
  return String.fromCharCode(FIRST_LETTER + (cell % rules.columns)) + (Math.floor(cell / rules.columns) + 1);
}

/**
 * The query that holds a game up to here.
 * @param {Rules} rules
 * @param {number[]} cells
 */
export function encode(rules, cells) {
  return new URLSearchParams({
    game: rules.name,
    moves: cells.map((cell) => encodeMove(rules, cell)).join(""),
  }).toString();
}

/**
 * The game that a query holds, or null where it holds none. Throws BadLink.
 * @param {string} query
 */
export function decode(query) {
  const parameters = new URLSearchParams(query);
  if (!parameters.has("game") && !parameters.has("moves")) return null;
  const rules = rulesOf(parameters.get("game") ?? "classic");
  if (!rules) throw new BadLink("it names a game that is not known here");
  const moves = parameters.get("moves") ?? "";
  if (!MOVES.test(moves)) throw new BadLink("its moves cannot be read");
  return { rules, cells: cellsOf(rules, moves.match(MOVE) ?? []) };
}

/**
 * @param {Rules} rules
 * @param {string[]} moves
 */
function cellsOf(rules, moves) {
  let position = rules.start;
  return moves.map((move, index) => {
    const column = move.charCodeAt(0) - FIRST_LETTER;
    const row = Number(move.slice(1)) - 1;
    const cell = row * rules.columns + column;
    const called = `move ${index + 1} (row ${row + 1}, column ${column + 1})`;
    if (column >= rules.columns || row >= rules.rows) throw new BadLink(`${called} is outside the board`);
    if (rules.result(position).status !== "playing") throw new BadLink(`${called} comes after the end of the game`);
    if (position.board[cell] !== ".") throw new BadLink(`${called} takes a cell that is taken`);
    if (!rules.legal(position).includes(cell))
      throw new BadLink(`${called} is in a local board that may not be played`);
    position = after(position, cell);
    return cell;
  });
}
