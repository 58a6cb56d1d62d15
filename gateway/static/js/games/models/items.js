// The games of a thread among the other things in its log.

import { isOpen, offeredAt } from "./state.js";

/** @import { Call } from "../../models/game_calls.js" */
/** @import { Entry } from "../../models/games.js" */

/**
 * A game as an item of its thread's log.
 * @typedef {object} GameItem
 * @property {"game"} kind
 * @property {string} key
 * @property {number | null} seq
 * @property {number} time when it was offered, in ms
 * @property {Wire.Game} game
 * @property {Call | null} call
 * @property {boolean} full with board and buttons
 */

/**
 * Full are those that are open, and the newest of the finished ones while no newer game stands below it.
 * @param {Entry[]} entries
 * @param {(id: string) => Call | null} callOf what is under way there
 * @returns {GameItem[]}
 */
export function gameItems(entries, callOf) {
  const shown = entries.filter(({ seq }) => seq !== undefined);
  return shown.map(({ seq = null, game }, index) => ({
    kind: "game",
    key: `game ${game.id}`,
    seq,
    time: offeredAt(game),
    game,
    call: callOf(game.id),
    full: isOpen(game) || (game.phase === "finished" && index === shown.length - 1),
  }));
}

/**
 * Equal as long as what is drawn of it stays the same.
 * @param {GameItem} item
 * @param {{ offline: boolean, names: Record<string, string> }} context
 */
export const gameSignature = ({ game, call, full }, { offline, names }) =>
  JSON.stringify([game.version, full, full && [call?.state, call?.slow, call?.words, offline], names]);
