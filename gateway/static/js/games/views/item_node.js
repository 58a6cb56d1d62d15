// The node of a game in a thread's log: a card while it matters, a summary afterwards.

import { GameCard } from "./card.js";
import { summaryNode } from "./summary.js";

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
