// What a game's public state says to the one who looks at it. No DOM.

import { after, other } from "../../tictactoe/models/position.js";
import { rulesOf } from "../../tictactoe/models/variants.js";

export { other };

/** @import { Position } from "../../tictactoe/models/position.js" */
/** @import { Rules } from "../../tictactoe/models/variants.js" */

/** The username under which everybody has a thread with the AI; no person can have it. */
export const AI_THREAD = "tic-tac-toe";

/** @param {Wire.Game} game */
export const isOpen = ({ phase }) => phase === "offered" || phase === "playing";

/**
 * The side that `username` plays, or null.
 * @param {Wire.Game} game
 * @param {string} username
 * @returns {Wire.Side | null}
 */
export function sideOf({ seats }, username) {
  if (seats.X.username === username) return "X";
  return seats.O.username === username ? "O" : null;
}

/** @param {Wire.Game} game */
export const isBetweenPeople = ({ seats }) => Boolean(seats.X.username && seats.O.username);

/**
 * Whether the AI plays both sides.
 * @param {Wire.Game} game
 */
export const isWatched = ({ seats }) => Boolean(seats.X.level && seats.O.level);

/**
 * Whether it is for `me` to move or to answer.
 * @param {Wire.Game} game
 * @param {string} me
 */
export function waitsFor(game, me) {
  const side = sideOf(game, me);
  if (side === null) return false;
  if (game.phase === "offered") return game.offered_by !== me;
  if (game.phase !== "playing") return false;
  return game.turn === side || game.draw === other(side) || game.takeback === other(side);
}

/**
 * Whether `me` may ask for a takeback, answered or not.
 * @param {Wire.Game} game
 * @param {string} me
 */
export function mayTakeBack(game, me) {
  const side = sideOf(game, me);
  if (!game.takebacks || game.phase !== "playing" || side === null) return false;
  return game.moves.length >= (game.turn === side ? 2 : 1);
}

/** @type {Map<string, Rules | null>} */
const known = new Map();

/**
 * The rules of a game's spec; null where this page does not know the variant.
 * @param {Wire.VariantSpec} spec
 */
export function rulesFor({ variant, m, n, k }) {
  const name = variant === "mnk" ? `${m}x${n}x${k}` : variant;
  const rules = known.get(name) ?? rulesOf(name);
  known.set(name, rules);
  return rules;
}

/**
 * What the contract wants for rules.
 * @param {Rules} rules
 * @returns {Wire.VariantSpec}
 */
export const specOf = ({ variant, columns, rows, k }) =>
  variant === "mnk" ? { variant, m: columns, n: rows, k } : { variant };

/**
 * The position after the moves of a game.
 * @param {Rules} rules
 * @param {number[]} cells
 * @returns {Position}
 */
export const positionAfter = (rules, cells) => cells.reduce(after, rules.start);

/**
 * When the game was offered, in ms: its id is a UUIDv7.
 * @param {Wire.Game} game
 */
export function offeredAt({ id, at }) {
  return id[14] === "7" ? Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) : Date.parse(at);
}

/**
 * Whether `command` can still mean what it meant, in the state that the game has by now.
 * @param {Wire.GameCommand} command
 * @param {Wire.Game} game
 */
export function stillMeans(command, game) {
  if (command.do === "move") return game.phase === "playing" && game.moves.length === command.ply;
  if (command.do === "rematch") return game.phase === "finished";
  if (command.do === "withdraw") return isOpen(game);
  return game.phase === (command.do === "accept" || command.do === "decline" ? "offered" : "playing");
}
