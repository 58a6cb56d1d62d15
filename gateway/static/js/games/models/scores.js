// How it stands between two people, and between one and the AI, over all their games. No DOM.

import { plural } from "../../lib/text.js";
import { nameOf, peerOf, seatName } from "./names.js";
import { isBetweenPeople, isWatched } from "./state.js";

/** @import { About } from "./names.js" */

/** @type {Wire.Level[]} */
const LEVELS = ["easy", "medium", "hard", "perfect"];

/**
 * "You 2 – 1 Bob, 4 draws"; against the AI of the one who plays it, at its level: "You 2 – 1 AI: hard". null where nothing was
 * decided yet, and where the AI plays itself.
 * @param {Wire.Game} game
 * @param {About} about
 */
export function score(game, about) {
  if (isWatched(game)) return null;
  return isBetweenPeople(game) ? scoreOfTwo(game.score, about) : scoreAgainstAi(game, about);
}

/**
 * All that was decided in a thread, a line for each opponent of mine.
 * @param {Wire.Score} score
 * @param {Record<string, Wire.Tally>} againstAi
 * @param {About} about
 */
export function tallies(score, againstAi, about) {
  const lines = LEVELS.map((level) => {
    const { wins, losses, draws } = againstAi[level] ?? { wins: 0, losses: 0, draws: 0 };
    return standing("You", wins, seatName({ level }, about), losses, draws);
  });
  return [scoreOfTwo(score, about), ...lines].filter((line) => line !== null);
}

/**
 * @param {Wire.Score} score
 * @param {About} about
 */
function scoreOfTwo({ wins, draws }, about) {
  const peer = peerOf(about);
  return standing("You", wins[about.me] ?? 0, nameOf(peer, about), wins[peer] ?? 0, draws);
}

/**
 * @param {Wire.Game} game
 * @param {About} about
 */
function scoreAgainstAi({ seats, against_ai: tally }, about) {
  if (!tally) return null;
  const [person, ai] = seats.X.level ? [seats.O, seats.X] : [seats.X, seats.O];
  return standing(seatName(person, about), tally.wins, seatName(ai, about), tally.losses, tally.draws);
}

/**
 * @param {string} one
 * @param {number} wins
 * @param {string} other
 * @param {number} losses
 * @param {number} draws
 */
function standing(one, wins, other, losses, draws) {
  if (wins + losses + draws === 0) return null;
  return `${one} ${wins} – ${losses} ${other}${draws ? `, ${plural(draws, "draw", "draws")}` : ""}`;
}
