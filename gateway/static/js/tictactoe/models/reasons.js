// Why an AI moves as it does, as deeds. No DOM.

import { coordinates, lineName, localName, placeName } from "./places.js";
import { other } from "./position.js";
import { localBoard } from "./ultimate.js";

/** @import { Move } from "./game.js" */
/** @import { Rules } from "./variants.js" */
/** @typedef {"s" | ""} Ending of a verb: "s" for a report, none for advice */
/** @typedef {(rules: Rules, move: Move, s: Ending) => string} Deed what a move does, on the board before it */

/**
 * A cell's local board in a sentence.
 * @param {number} cell
 */
export const localOf = (cell) => `the ${localName(localBoard(cell))}`;

/**
 * The line that `side` completes by taking the move's cell, in words; empty if there is none.
 * @param {Rules} rules
 * @param {Move} move
 * @param {Wire.Side} side
 */
function lineOf(rules, { before, cell }, side) {
  if (rules.ultimate) return lineName(rules);
  const [line] = rules.linesCompleted(before, side, cell);
  return line ? lineName(rules, line) : "";
}

/** @type {Deed} */
function block(rules, move, s) {
  const line = lineOf(rules, move, other(move.side));
  if (rules.ultimate) return `keep${s} ${other(move.side)} from ${line}`;
  return line ? `block${s} ${line}` : `block${s} with ${placeName(rules, move.cell)}`;
}

/** @type {Deed} */
const complete = (rules, move, s) => `complete${s} ${lineOf(rules, move, move.side) || "a line"}`;

/** @type {Deed} also for what a newer server knows */
const take = (rules, { cell }, s) => `take${s} ${placeName(rules, cell)}`;

/** @type {Partial<Record<Wire.Reason, Deed>>} */
const DEEDS = {
  win: complete,
  lose: (rules, move, s) => `${complete(rules, move, s)}, which loses`,
  block,
  fork: (rules, { cell }, s) => `make${s} two threats at once with ${placeName(rules, cell)}`,
  "block-fork": (rules, { cell }, s) => `stop${s} a double threat with ${placeName(rules, cell)}`,
  "opposite-corner": (rules, { cell, side }, s) => `take${s} ${placeName(rules, cell)}, opposite ${other(side)}`,
  trap: (rules, { cell, side }, s) => `leave${s} ${other(side)} no safe cell with ${placeName(rules, cell)}`,
  "win-board": (_, { cell }, s) => `take${s} ${localOf(cell)}`,
  "block-board": (_, { cell, side }, s) => `keep${s} ${other(side)} from ${localOf(cell)}`,
  force: (rules, { cell }, s) => `threaten${s} to win with ${placeName(rules, cell)}`,
  build: (rules, { cell }, s) => `build${s} on ${placeName(rules, cell)}`,
  hinder: (rules, { cell, side }, s) => `get${s} in the way of ${other(side)} at ${placeName(rules, cell)}`,
};

/** @type {Deed} */
function deed(rules, move, s) {
  const say = (move.reason && DEEDS[move.reason]) ?? take;
  return say(rules, move, s);
}

/**
 * The AI's reason: "O blocks the top row."
 * @param {Rules} rules
 * @param {Move} move
 */
export const reasonReport = (rules, move) => `${move.side} ${deed(rules, move, "s")}.`;

/**
 * The same as advice: "Best: block the top row."
 * @param {Rules} rules
 * @param {Move} move
 */
export const reasonAdvice = (rules, move) => `Best: ${deed(rules, move, "")}.`;

/** @type {(Wire.Reason | null)[]} whose words do not name the cell */
const NAMELESS = ["win", "lose", "block", "win-board", "block-board"];

/**
 * A move for those who do not see it: "O takes row 1, column 2."; empty where its reason says it.
 * @param {Rules} rules
 * @param {Move} move
 */
export function moveSpoken(rules, { side, cell, reason }) {
  if (reason && !NAMELESS.includes(reason) && !rules.ultimate) return "";
  const where = rules.ultimate ? `${coordinates(rules, cell)}, in ${localOf(cell)}` : coordinates(rules, cell);
  return `${side} takes ${where}.`;
}
