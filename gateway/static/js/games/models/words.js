// What is said about games in a thread. No DOM. The reader is always "you".

import { plural } from "../../lib/text.js";
import { coordinates, lineName, localName } from "../../tictactoe/models/places.js";
import { localBoard } from "../../tictactoe/models/ultimate.js";
import { clockName, gameName, nameOf, peerOf, seatName } from "./names.js";
import { isBetweenPeople, isWatched, other, positionAfter, rulesFor, waitsFor } from "./state.js";

/** @import { About } from "./names.js" */

/**
 * The same as seatName, in a sentence that tells X and O apart where the AI plays both.
 * @param {Wire.Game} game
 * @param {Wire.Side} side
 * @param {About} about
 */
function playerName(game, side, about) {
  if (isWatched(game)) return `${side} (${seatName(game.seats[side], about)})`;
  return game.seats[side].level ? "The AI" : seatName(game.seats[side], about);
}

/**
 * @param {string} name
 * @param {string} you
 * @param {string} others
 */
const verb = (name, you, others) => `${name} ${name === "You" ? you : others}`;

/**
 * What happens next, or how it ended.
 * @param {Wire.Game} game
 * @param {About} about
 */
export function status(game, about) {
  if (game.phase === "offered") return offered(game, about);
  if (game.phase === "playing") return turn(game, about);
  if (game.phase === "finished") return ending(game, about);
  return closed(game, about);
}

/**
 * @param {Wire.Game} game
 * @param {About} about
 */
function offered(game, about) {
  const offerer = nameOf(game.offered_by, about);
  if (!waitsFor(game, about.me)) return `Waiting for ${nameOf(peerOf(about), about)} to answer.`;
  return game.rematch_of ? `${offerer} wants a rematch.` : `${offerer} offers you a game.`;
}

/**
 * @param {Wire.Game} game
 * @param {About} about
 */
function turn(game, about) {
  const side = game.turn ?? "X";
  const seat = game.seats[side];
  if (seat.username === about.me) return "Your move.";
  return seat.level && !isWatched(game) ? "The AI is thinking…" : `${playerName(game, side, about)} is to move.`;
}

/**
 * @param {Wire.Game} game
 * @param {About} about
 */
function ending(game, about) {
  const { status: result, ending: how } = game;
  if (result !== "X" && result !== "O") return how === "agreed" ? "Draw by agreement." : "It is a draw.";
  const winner = playerName(game, result, about);
  const loser = playerName(game, other(result), about);
  const wins = verb(winner, "win", "wins");
  if (how === "resigned") return `${loser} resigned. ${wins}.`;
  if (how === "clock") return `${possessive(loser)} time ran out. ${wins}.`;
  const line = lineOf(game);
  if (!line) return `${wins}.`;
  if (game.spec.variant === "misere") return `${verb(loser, "complete", "completes")} ${line}. ${wins}.`;
  return `${wins} with ${line}.`;
}

/** @param {string} name */
const possessive = (name) => (name === "You" ? "Your" : `${name}’s`);

/** @param {Wire.Game} game */
function lineOf(game) {
  const rules = rulesFor(game.spec);
  if (!rules) return null;
  const { line } = rules.result(positionAfter(rules, game.moves));
  return line && lineName(rules, line);
}

/**
 * @param {Wire.Game} game
 * @param {About} about
 */
function closed(game, about) {
  const who = doer(game, about);
  const name = gameName(game.spec);
  if (game.phase === "declined") return `${who} declined a game of ${name}.`;
  const offer = game.turn === null && game.moves.length === 0 && !isWatched(game);
  return offer ? `${who} took back the offer of ${name}.` : `${who} ended a game of ${name}.`;
}

/**
 * @param {Wire.Game} game
 * @param {About} about
 */
function doer({ by }, about) {
  if (by === null) return "The AI";
  return by === about.me ? "You" : nameOf(by, about);
}

/** @type {Partial<Record<Wire.What, (name: string, game: Wire.Game) => string>>} */
const CHANGES = {
  resumed: () => "The clock is running again.",
  accepted: (name) => `${name} accepted.`,
  "draw-offered": (name) => `${verb(name, "offer", "offers")} a draw.`,
  "draw-declined": (name) => `${name} declined the draw.`,
  "draw-withdrawn": (name) => `${name} withdrew the draw offer.`,
  "takeback-offered": (name) => `${verb(name, "ask", "asks")} to take back a move.`,
  "takeback-accepted": (_, { moves }) => `A move was taken back. ${moves.length} on the board.`,
  "takeback-declined": (name) => `${name} declined the takeback.`,
  "takeback-withdrawn": (name) => `${name} withdrew the takeback request.`,
};

/**
 * The change that led to this state, for people who do not see the board; "" where the status says it already.
 * @param {Wire.Game} game
 * @param {About} about
 */
export function change(game, about) {
  if (game.what === "moved") return moved(game, about);
  return CHANGES[game.what]?.(doer(game, about), game) ?? "";
}

/**
 * @param {Wire.Game} game
 * @param {About} about
 */
function moved(game, about) {
  const rules = rulesFor(game.spec);
  const side = game.moves.length % 2 === 1 ? "X" : "O";
  const name = verb(playerName(game, side, about), "take", "takes");
  const cell = game.moves.at(-1);
  if (!rules || cell === undefined) return `${name} a cell.`;
  const where = coordinates(rules, cell);
  return `${name} ${rules.ultimate ? `${where}, ${localName(localBoard(cell))}` : where}.`;
}

/**
 * The terms of an offer, a sentence each.
 * @param {Wire.Game} game
 * @param {About} about
 */
export function terms(game, about) {
  const [x, o] = [seatName(game.seats.X, about), seatName(game.seats.O, about)];
  const clock = clockName(game.clock);
  return [
    `${verb(x, "play", "plays")} X and ${x === "You" ? "start" : "starts"}.`,
    `${verb(o, "play", "plays")} O.`,
    `${clock[0].toUpperCase()}${clock.slice(1)}, ${game.takebacks ? "takebacks allowed" : "no takebacks"}.`,
  ];
}

/**
 * "5 moves"
 * @param {Wire.Game} game
 */
export const movesMade = ({ moves }) => `${plural(moves.length, "move", "moves")}.`;

/**
 * A row of the inbox: what the game wants of me, or what was last done in it.
 * @param {Wire.Game} game
 * @param {About} about
 */
export function preview(game, about) {
  const waits = waitsFor(game, about.me);
  if (game.phase === "offered") return waits ? "Offers you a game" : "Waiting for an answer";
  if (game.phase === "playing" && game.turn !== null && game.seats[game.turn].username === about.me) return "Your move";
  if (waits) return game.draw ? "Offers a draw" : "Asks for a takeback";
  if (game.phase === "playing" && isBetweenPeople(game)) return "Waiting for their move";
  return status(game, about);
}

/** @typedef {{ idle: string, theirs: string, mine: string }} Words what the button under the board asks, offers or waits for */

/** @type {Words} */
export const DRAW = { idle: "Offer draw", theirs: "Draw offered", mine: "You offered a draw" };
/** @type {Words} */
export const TAKEBACK = { idle: "Take back", theirs: "Takeback asked", mine: "You asked to take back" };
