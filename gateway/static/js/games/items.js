import { isOpen, offeredAt } from "./state.js";
import { GameCard } from "./card.js";
import { summaryNode } from "./summary.js";

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

const cards = new WeakMap();

export function drawGame(node, item, context) {
  if (item.full) {
    const card = new GameCard(item, context);
    cards.set(node, card);
    node.replaceChildren(card.node);
  } else {
    cards.delete(node);
    node.replaceChildren(summaryNode(item, context));
  }
}

/** Brings the node of a game up to date: a card stays the same one. → the nodes whose buttons are others now. */
export function patchGame(node, item, context) {
  const card = cards.get(node);
  if (card && item.full) return card.update(item, context);
  drawGame(node, item, context);
  return [node];
}
