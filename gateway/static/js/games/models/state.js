// What a game's public state says to the one who looks at it. No DOM.

import { encode } from "../../tictactoe/models/link.js";
import { after, other } from "../../tictactoe/models/position.js";
import { rulesOf } from "../../tictactoe/models/variants.js";

export { other };

/** The name of everybody's own thread with the AI: no person has it. */
export const AI_THREAD = "tic-tac-toe";

export const isOpen = ({ phase }) => phase === "offered" || phase === "playing";

/** The side that `username` plays, or null. */
export const sideOf = ({ seats }, username) => ["X", "O"].find((side) => seats[side].username === username) ?? null;

export const isBetweenPeople = ({ seats }) => Boolean(seats.X.username && seats.O.username);

/** Whether the AI plays both sides. */
export const isWatched = ({ seats }) => Boolean(seats.X.level && seats.O.level);

/** Whether it is for `me` to move or to answer. */
export function waitsFor(game, me) {
  const side = sideOf(game, me);
  if (side === null) return false;
  if (game.phase === "offered") return game.offered_by !== me;
  if (game.phase !== "playing") return false;
  return game.turn === side || game.draw === other(side) || game.takeback === other(side);
}

/** Whether `me` may ask for a takeback, answered or not. */
export function mayTakeBack(game, me) {
  const side = sideOf(game, me);
  if (!game.takebacks || game.phase !== "playing" || side === null) return false;
  return game.moves.length >= (game.turn === side ? 2 : 1);
}

const NAMES = { mnk: ({ m, n, k }) => `${m}x${n}x${k}` };
const known = new Map();

/** The rules of a game's spec; null where this page does not know the variant. */
export function rulesFor(spec) {
  const name = NAMES[spec.variant]?.(spec) ?? spec.variant;
  if (!known.has(name)) known.set(name, rulesOf(name));
  return known.get(name);
}

/** What the contract wants for rules: {variant} or {variant, m, n, k}. */
export const specOf = ({ variant, columns, rows, k }) =>
  variant === "mnk" ? { variant, m: columns, n: rows, k } : { variant };

/** The position after the moves of a game. */
export const positionAfter = (rules, cells) => cells.reduce(after, rules.start);

/** Where a finished game can be looked at again, move by move. */
export const replayAddress = ({ spec, moves }) => `/tictactoe?${encode(rulesFor(spec), moves)}`;

/** When the game was offered, in ms: its id is a UUIDv7. */
export function offeredAt({ id, at }) {
  return id[14] === "7" ? Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) : Date.parse(at);
}

/** Whether `command` can still mean what it meant, in the state that the game has by now. */
export function stillMeans(command, game) {
  if (command.do === "move") return game.phase === "playing" && game.moves.length === command.ply;
  if (command.do === "rematch") return game.phase === "finished";
  if (command.do === "withdraw") return isOpen(game);
  return game.phase === (command.do === "accept" || command.do === "decline" ? "offered" : "playing");
}
