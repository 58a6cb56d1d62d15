// What is said about games in a thread. No DOM. names: {username: display name}; the reader is always "you".

import { plural } from "../../lib/text.js";
import { coordinates, lineName, localName } from "../../tictactoe/models/places.js";
import { localBoard } from "../../tictactoe/models/ultimate.js";
import { isBetweenPeople, isWatched, other, positionAfter, rulesFor, waitsFor } from "./state.js";

const NUMBERS = { 3: "three", 4: "four", 5: "five", 6: "six" };
const VARIANTS = {
  classic: () => "Tic-tac-toe",
  misere: () => "Misère",
  ultimate: () => "Ultimate",
  mnk: ({ m, n, k }) => `${m} × ${n}, ${NUMBERS[k] ?? k} in a row`,
};

export const gameName = (spec) => VARIANTS[spec.variant]?.(spec) ?? "A game";

/** "5 min + 2 s a move" */
export function clockName(clock) {
  if (!clock) return "no clock";
  const { initial_s, increment_s } = clock;
  const initial = initial_s % 60 === 0 ? `${initial_s / 60} min` : `${initial_s} s`;
  return increment_s ? `${initial} + ${increment_s} s a move` : initial;
}

/** Who plays a side: "You", "Bob", "AI: hard". */
export function seatName({ username, level }, { me, names }) {
  if (level) return `AI: ${level}`;
  return username === me ? "You" : (names[username] ?? username);
}

/** The same in a sentence that tells X and O apart where the AI plays both. */
function playerName(game, side, about) {
  if (isWatched(game)) return `${side} (${seatName(game.seats[side], about)})`;
  return game.seats[side].level ? "The AI" : seatName(game.seats[side], about);
}

const verb = (name, you, others) => `${name} ${name === "You" ? you : others}`;

/** What happens next, or how it ended. */
export function status(game, about) {
  if (game.phase === "offered") return offered(game, about);
  if (game.phase === "playing") return turn(game, about);
  if (game.phase === "finished") return ending(game, about);
  return closed(game, about);
}

function offered(game, { me, names }) {
  const peer = Object.keys(names).find((username) => username !== me);
  const offerer = names[game.offered_by] ?? game.offered_by;
  if (waitsFor(game, me)) return game.rematch_of ? `${offerer} wants a rematch.` : `${offerer} offers you a game.`;
  return `Waiting for ${names[peer] ?? peer} to answer.`;
}

function turn(game, about) {
  const { seats, turn: side } = game;
  if (seats[side].username === about.me) return "Your move.";
  const name = playerName(game, side, about);
  return seats[side].level && !isWatched(game) ? "The AI is thinking…" : `${name} is to move.`;
}

function ending(game, about) {
  const { status: result, ending: how } = game;
  if (result === "draw") return how === "agreed" ? "Draw by agreement." : "It is a draw.";
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

const possessive = (name) => (name === "You" ? "Your" : `${name}’s`);

function lineOf(game) {
  const rules = rulesFor(game.spec);
  if (!rules) return null;
  const { line } = rules.result(positionAfter(rules, game.moves));
  return line && lineName(rules, line);
}

function closed(game, { me, names }) {
  const who = game.by === me ? "You" : (names[game.by] ?? game.by);
  if (game.phase === "declined") return `${who} declined a game of ${gameName(game.spec)}.`;
  if (game.turn === null && game.moves.length === 0 && !isWatched(game))
    return `${who} took back the offer of ${gameName(game.spec)}.`;
  return `${who} ended a game of ${gameName(game.spec)}.`;
}

/** The change that led to this state, for those who do not see the board; "" where the status says it. */
export function change(game, about) {
  const { what, by, moves } = game;
  const name = by === about.me ? "You" : (about.names[by] ?? by ?? "The AI");
  if (what === "moved") return moved(game, about);
  const said = {
    resumed: () => "The clock goes on.",
    accepted: () => `${name} accepted.`,
    "draw-offered": () => `${verb(name, "offer", "offers")} a draw.`,
    "draw-declined": () => `${name} declined the draw.`,
    "draw-withdrawn": () => `${name} no longer ${name === "You" ? "offer" : "offers"} a draw.`,
    "takeback-offered": () => `${verb(name, "ask", "asks")} to take back a move.`,
    "takeback-accepted": () => `A move was taken back. ${moves.length} on the board.`,
    "takeback-declined": () => `${name} declined the takeback.`,
    "takeback-withdrawn": () => `${name} no longer ${name === "You" ? "ask" : "asks"} to take back.`,
  };
  return said[what]?.() ?? "";
}

function moved(game, about) {
  const rules = rulesFor(game.spec);
  const side = game.moves.length % 2 === 1 ? "X" : "O";
  const name = verb(playerName(game, side, about), "take", "takes");
  if (!rules) return `${name} a cell.`;
  const cell = game.moves.at(-1);
  const where = coordinates(rules, cell);
  return `${name} ${rules.ultimate ? `${where}, ${localName(localBoard(cell))}` : where}.`;
}

/** The terms of an offer, a sentence each. */
export function terms(game, about) {
  const [x, o] = ["X", "O"].map((side) => seatName(game.seats[side], about));
  const clock = clockName(game.clock);
  return [
    `${verb(x, "play", "plays")} X and ${x === "You" ? "start" : "starts"}.`,
    `${verb(o, "play", "plays")} O.`,
    `${clock[0].toUpperCase()}${clock.slice(1)}, ${game.takebacks ? "takebacks allowed" : "no takebacks"}.`,
  ];
}

/** "5 moves" */
export const movesMade = ({ moves }) => `${plural(moves.length, "move", "moves")}.`;

/**
 * "You 2 – 1 Bob, 4 draws"; against the AI of the one who plays it, at its level: "You 2 – 1 AI: hard". null where nothing was
 * decided yet, and where the AI plays itself.
 */
export function score(game, { me, names }) {
  if (isWatched(game)) return null;
  if (!isBetweenPeople(game)) return scoreAgainstAi(game, { me, names });
  return scoreOfTwo(game.score, { me, names });
}

function scoreOfTwo({ wins, draws }, { me, names }) {
  const peer = Object.keys(names).find((username) => username !== me);
  return standing("You", wins[me] ?? 0, names[peer], wins[peer] ?? 0, draws);
}

const LEVELS = ["easy", "medium", "hard", "perfect"];

/** All that was decided in a thread, a line for each opponent of mine. */
export function tallies(score, againstAi, about) {
  const lines = LEVELS.map((level) => {
    const { wins, losses, draws } = againstAi[level] ?? { wins: 0, losses: 0, draws: 0 };
    return standing("You", wins, seatName({ level }, about), losses, draws);
  });
  return [scoreOfTwo(score, about), ...lines].filter(Boolean);
}

function scoreAgainstAi({ seats, against_ai: tally }, about) {
  if (!tally) return null;
  const [person, ai] = seats.X.level ? [seats.O, seats.X] : [seats.X, seats.O];
  return standing(seatName(person, about), tally.wins, seatName(ai, about), tally.losses, tally.draws);
}

function standing(one, wins, other, losses, draws) {
  if (wins + losses + draws === 0) return null;
  return `${one} ${wins} – ${losses} ${other}${draws ? `, ${plural(draws, "draw", "draws")}` : ""}`;
}

/** A row of the inbox: what the game wants of me, or what was last done in it. */
export function preview(game, about) {
  if (game.phase === "offered" && waitsFor(game, about.me)) return "Offers you a game";
  if (game.phase === "playing" && game.turn !== null && game.seats[game.turn].username === about.me) return "Your move";
  if (waitsFor(game, about.me)) return game.draw ? "Offers a draw" : "Asks for a takeback";
  if (game.phase === "offered") return "Waiting for an answer";
  if (game.phase === "playing" && isBetweenPeople(game)) return "Waiting for their move";
  return status(game, about);
}

/** What the button under the board asks, offers or waits for. */
export const DRAW = { idle: "Offer draw", theirs: "Draw offered", mine: "You offered a draw" };
export const TAKEBACK = { idle: "Take back", theirs: "Takeback asked", mine: "You asked to take back" };
