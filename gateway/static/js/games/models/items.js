// The games of a thread among the other things in its log.

import { isOpen, offeredAt } from "./state.js";

/**
 * The games of a thread as items of its log: {kind: "game", key, seq, time, game, call, full}. full: with board and
 * buttons: those that are open, and the newest of the finished ones while no newer game stands below it.
 * entries: of Games; callOf(id): what is under way there.
 */
export function gameItems(entries, callOf) {
  const shown = entries.filter(({ seq }) => seq !== undefined);
  return shown.map(({ seq, game }, index) => ({
    ...{ kind: "game", key: `game ${game.id}`, seq, time: offeredAt(game), game, call: callOf(game.id) },
    full: isOpen(game) || (game.phase === "finished" && index === shown.length - 1),
  }));
}

/** Equal as long as what is drawn of it stays the same. */
export const gameSignature = ({ game, call, full }, { offline, names }) =>
  JSON.stringify([game.version, full, full && [call?.state, call?.slow, call?.words, offline], names]);
