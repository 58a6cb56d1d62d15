// The node of a game in a thread's log: a card while it matters, a summary afterwards.

import { GameCard } from "./card.js";
import { summaryNode } from "./summary.js";

/** @import { GameItem } from "../models/items.js" */
/** @import { Context } from "./card.js" */

/** @type {WeakMap<HTMLElement, GameCard>} */
const cards = new WeakMap();

/**
 * @param {HTMLElement} node
 * @param {GameItem} item
 * @param {Context} context
 */
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

/**
 * Brings the node of a game up to date: a card stays the same one. → the nodes whose buttons are others now.
 * @param {HTMLElement} node
 * @param {GameItem} item
 * @param {Context} context
 */
export function patchGame(node, item, context) {
  const card = cards.get(node);
  if (card && item.full) return card.update(item, context);
  drawGame(node, item, context);
  return [node];
}
