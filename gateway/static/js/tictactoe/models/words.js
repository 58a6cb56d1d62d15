// What the page says. No DOM, no rules.

import { coordinates, lineName, localName } from "./places.js";
import { after, other } from "./position.js";
import { localOf } from "./reasons.js";
import { localBoard, placeInLocal } from "./ultimate.js";
import { EVEN, LONGEST_LINE } from "./worth.js";

/** @import { Advice } from "../api.js" */
/** @import { Game, Move } from "./game.js" */
/** @import { BadLink } from "./link.js" */
/** @import { Position } from "./position.js" */
/** @import { Ultimate } from "./ultimate.js" */
/** @import { Rules } from "./variants.js" */

const MUCH = 0.5; // from here on an estimate is more than a little

/**
 * In ultimate, the local board that the move decided; else empty.
 * @param {Rules} rules
 * @param {Move} move
 */
export function localTaken(rules, { before, side, cell }) {
  if (!rules.ultimate) return "";
  const state = rules.locals(after(before, cell).board)[localBoard(cell)];
  if (state === "draw") return `${capital(localOf(cell))} is drawn.`;
  return state === "playing" ? "" : `${side} takes ${localOf(cell)}.`;
}

/**
 * How it stands: whose turn and where, or the result.
 * @param {Game} game
 */
export function standing(game) {
  const { rules, position, seats, side } = game;
  if (!game.playing) return ending(game);
  const where = rules.ultimate && position.last !== null ? ` ${target(rules, position, position.last)}` : "";
  if (seats[side] !== "you" || seats[other(side)] === "you") return `${side} is to move.${where}`;
  return game.last ? `Your turn.${where}` : `You are ${side}. Your turn.`;
}

/** @param {Game} game */
function ending({ rules, result: { status, line } }) {
  if (status !== "X" && status !== "O") return "It is a draw.";
  const name = lineName(rules, line ?? []);
  return rules.misere
    ? `${other(status)} completes ${name} and loses. ${status} wins.`
    : `${status} wins with ${name}.`;
}

/**
 * Where ultimate may be played next.
 * @param {Ultimate} rules
 * @param {Position} position
 * @param {number} last
 */
function target(rules, position, last) {
  const open = rules.open(position);
  if (open.length === 1) return `Play in the ${localName(open[0])}.`;
  return `The ${localName(placeInLocal(last))} is finished: play in any open board.`;
}

/**
 * Where one is while looking back: "Move 3 of 9."
 * @param {Game} game
 */
export function place({ shown, moves }) {
  return shown === 0 ? `Start of ${moves.length} moves.` : `Move ${shown} of ${moves.length}.`;
}

/**
 * How a position stands under the best play: "X wins within 3 moves."
 * @param {Advice} advice
 */
export function verdict({ side, outcome, distance, value }) {
  if (outcome === undefined) return `${estimate(value, side)} This is an estimate.`;
  if (outcome === "draw") return "Best play leads to a draw.";
  if (distance === undefined) return `${outcome} wins with best play.`;
  return `${outcome} wins ${distance === 1 ? "with the next move" : `within ${distance} moves`}.`;
}

/**
 * @param {number} value
 * @param {Wire.Side} side
 */
function estimate(value, side) {
  if (Math.abs(value) <= EVEN) return "The position is about even.";
  const better = value > 0 ? side : other(side);
  return `${better} is ${Math.abs(value) < MUCH ? "a little" : "much"} better.`;
}

/**
 * "Best line: X row 8, column 8; O row 9, column 8."
 * @param {Rules} rules
 * @param {Advice} advice
 */
export function bestLine(rules, { side, line }) {
  const moves = line
    .slice(0, LONGEST_LINE)
    .map((cell, ply) => `${ply % 2 === 0 ? side : other(side)} ${coordinates(rules, cell)}`);
  return `Best line: ${moves.join("; ")}${line.length > LONGEST_LINE ? "; …" : "."}`;
}

/**
 * A move that waits for the second tap.
 * @param {Rules} rules
 * @param {Wire.Side} side
 * @param {number} cell
 */
export const aimed = (rules, side, cell) => `Tap again to place ${side} on ${coordinates(rules, cell)}.`;

/**
 * The rules in a sentence, for the games that are not the one everybody knows.
 * @param {Rules} rules
 */
export function howTo(rules) {
  if (rules.ultimate) return "The cell you take decides which local board comes next. Win three local boards in a row.";
  if (rules.misere) return "Whoever completes three in a row loses.";
  return rules.name === "classic" ? "" : `${capital(lineName(rules))} wins.`;
}

/** @param {string} words */
const capital = (words) => words[0].toUpperCase() + words.slice(1);

export const THINKING = "AI is thinking…";
export const ANALYSING = "Looking at the position…";
export const COPIED = "Link copied. Whoever opens it sees this position.";
export const NOT_COPIED = "Copy the link below. Whoever opens it sees this position.";
export const SHARED = "This position was shared with you.";

/**
 * Why a link shows nothing.
 * @param {BadLink} error
 */
export const badLink = (error) => `This link cannot be opened: ${error.message}. Here is an empty board.`;

/**
 * Why a call failed, and what that means: "…, so O cannot answer."
 * @param {Error} error
 * @param {string} consequence
 */
export function trouble(error, consequence) {
  if (error.name === "TooManyMoves") return "Too many moves at once. Wait a moment, then try again.";
  if (error.name === "StrangeAnswer") return `The server's answer does not fit this board, so ${consequence}.`;
  if (error.name === "Busy") return `The AI is busy just now, so ${consequence}. Try again in a moment.`;
  if (error.name === "TooSlow") return `The server is taking too long, so ${consequence}.`;
  if (error.name === "Refused") return `The server refused: ${error.message}`;
  const cause = navigator.onLine === false ? "You are offline" : "The server cannot be reached";
  return `${cause}, so ${consequence}.`;
}
