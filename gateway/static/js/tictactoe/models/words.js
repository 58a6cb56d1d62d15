// What the page says. No DOM, no rules.

import { coordinates, lineName, localName, placeName } from "./places.js";
import { after, other } from "./position.js";
import { localBoard, placeInLocal } from "./ultimate.js";
import { EVEN, LONGEST_LINE } from "./worth.js";

const MUCH = 0.5; // from here on an estimate is more than a little

// Reasons whose words do not name the cell.
const NAMELESS = ["win", "lose", "block", "win-board", "block-board"];

/** A move for those who do not see it: "O takes row 1, column 2."; empty where its reason says it. */
export function moveSpoken(rules, { side, cell, reason }) {
  if (reason && !NAMELESS.includes(reason) && !rules.ultimate) return "";
  const where = rules.ultimate ? `${coordinates(rules, cell)}, in ${local(cell)}` : coordinates(rules, cell);
  return `${side} takes ${where}.`;
}

const local = (cell) => `the ${localName(localBoard(cell))}`;

/** The line that `side` completes by taking the move's cell, in words; empty if there is none. */
function lineOf(rules, { before, cell }, side) {
  if (rules.ultimate) return lineName(rules);
  const [line] = rules.linesCompleted(before, side, cell);
  return line ? lineName(rules, line) : "";
}

function block(rules, move, s) {
  const line = lineOf(rules, move, other(move.side));
  if (rules.ultimate) return `keep${s} ${other(move.side)} from ${line}`;
  return line ? `block${s} ${line}` : `block${s} with ${placeName(rules, move.cell)}`;
}

const complete = (rules, move, s) => `complete${s} ${lineOf(rules, move, move.side) || "a line"}`;
const take = (rules, { cell }, s) => `take${s} ${placeName(rules, cell)}`; // also for what a newer server knows

// Each reason as what it does, on the board before the move: with "s" for a report, without for advice.
const DEEDS = {
  win: complete,
  lose: (rules, move, s) => `${complete(rules, move, s)}, which loses`,
  block,
  fork: (rules, { cell }, s) => `make${s} two threats at once with ${placeName(rules, cell)}`,
  "block-fork": (rules, { cell }, s) => `stop${s} a double threat with ${placeName(rules, cell)}`,
  "opposite-corner": (rules, { cell, side }, s) => `take${s} ${placeName(rules, cell)}, opposite ${other(side)}`,
  trap: (rules, { cell, side }, s) => `leave${s} ${other(side)} no safe cell with ${placeName(rules, cell)}`,
  "win-board": (_, { cell }, s) => `take${s} ${local(cell)}`,
  "block-board": (_, { cell, side }, s) => `keep${s} ${other(side)} from ${local(cell)}`,
  force: (rules, { cell }, s) => `threaten${s} to win with ${placeName(rules, cell)}`,
  build: (rules, { cell }, s) => `build${s} on ${placeName(rules, cell)}`,
  hinder: (rules, { cell, side }, s) => `get${s} in the way of ${other(side)} at ${placeName(rules, cell)}`,
};

function deed(rules, move, s) {
  const say = DEEDS[move.reason] ?? take;
  return say(rules, move, s);
}

/** The AI's reason: "O blocks the top row." */
export const reasonReport = (rules, move) => `${move.side} ${deed(rules, move, "s")}.`;

/** The same as advice: "Best: block the top row." */
export const reasonAdvice = (rules, move) => `Best: ${deed(rules, move, "")}.`;

/** In ultimate, the local board that the move decided; else empty. */
export function localTaken(rules, { before, side, cell }) {
  if (!rules.ultimate) return "";
  const state = rules.locals(after(before, cell).board)[localBoard(cell)];
  if (state === "draw") return `${capital(local(cell))} is drawn.`;
  return state === "playing" ? "" : `${side} takes ${local(cell)}.`;
}

/** How it stands: whose turn and where, or the result. */
export function standing(game) {
  const { rules, position, seats, side } = game;
  const { status } = game.result;
  if (status !== "playing") return ending(game);
  const where = rules.ultimate && position.last !== null ? ` ${target(rules, position)}` : "";
  if (seats[side] !== "you" || seats[other(side)] === "you") return `${side} is to move.${where}`;
  return game.last ? `Your turn.${where}` : `You are ${side}. Your turn.`;
}

function ending({ rules, result: { status, line } }) {
  if (status === "draw") return "It is a draw.";
  if (rules.misere) return `${other(status)} completes ${lineName(rules, line)} and loses. ${status} wins.`;
  return `${status} wins with ${lineName(rules, line)}.`;
}

/** Where ultimate may be played next. */
function target(rules, position) {
  const open = rules.open(position);
  if (open.length === 1) return `Play in the ${localName(open[0])}.`;
  return `The ${localName(placeInLocal(position.last))} is finished: play in any open board.`;
}

/** Where one is while looking back: "Move 3 of 9." */
export function place({ shown, moves }) {
  return shown === 0 ? `Start of ${moves.length} moves.` : `Move ${shown} of ${moves.length}.`;
}

/** How a position stands under the best play: "X wins within 3 moves." */
export function verdict({ side, outcome, distance, value }) {
  if (outcome === undefined) return `${estimate(value, side)} This is an estimate.`;
  if (outcome === "draw") return "Best play leads to a draw.";
  if (distance === undefined) return `${outcome} wins with best play.`;
  return `${outcome} wins ${distance === 1 ? "with the next move" : `within ${distance} moves`}.`;
}

function estimate(value, side) {
  if (Math.abs(value) <= EVEN) return "The position is about even.";
  const better = value > 0 ? side : other(side);
  return `${better} is ${Math.abs(value) < MUCH ? "a little" : "much"} better.`;
}

/** "Best line: X row 8, column 8; O row 9, column 8." */
export function bestLine(rules, { side, line }) {
  const moves = line
    .slice(0, LONGEST_LINE)
    .map((cell, ply) => `${ply % 2 === 0 ? side : other(side)} ${coordinates(rules, cell)}`);
  return `Best line: ${moves.join("; ")}${line.length > LONGEST_LINE ? "; …" : "."}`;
}

/** A move that waits for the second tap. */
export const aimed = (rules, side, cell) => `Tap again to place ${side} on ${coordinates(rules, cell)}.`;

/** The rules in a sentence, for the games that are not the one everybody knows. */
export function howTo(rules) {
  if (rules.ultimate)
    return "The place you take in a local board names the local board to play next. Three of them in a row win.";
  if (rules.misere) return "Whoever completes three in a row loses.";
  return rules.name === "classic" ? "" : `${capital(lineName(rules, []))} wins.`;
}

const capital = (words) => words[0].toUpperCase() + words.slice(1);

export const THINKING = "AI is thinking…";
export const ANALYSING = "Looking at the position…";
export const COPIED = "Link copied. Whoever opens it sees this position.";
export const NOT_COPIED = "Copy the link below. Whoever opens it sees this position.";
export const SHARED = "This position was shared with you.";

/** Why a link shows nothing. */
export const badLink = (error) => `This link cannot be opened: ${error.message}. Here is an empty board.`;

/** Why a call failed, and what that means: "…, so O cannot answer." */
export function trouble(error, consequence) {
  if (error.name === "TooManyMoves") return "Too many moves at once. Wait a moment, then try again.";
  if (error.name === "StrangeAnswer") return `The server's answer does not fit this board, so ${consequence}.`;
  if (error.name === "Busy") return `The AI is busy just now, so ${consequence}. Try again in a moment.`;
  if (error.name === "TooSlow") return `The server takes too long, so ${consequence}.`;
  if (error.name === "Refused") return `The server refused: ${error.message}`;
  const cause = navigator.onLine === false ? "You are offline" : "The server cannot be reached";
  return `${cause}, so ${consequence}.`;
}
