// The node of a game in a thread's log. What draws it is loaded with the first game that somebody sees; until then its
// name stands in a place of its height.

import { el } from "../../lib/dom.js";
import { gameName } from "../models/names.js";

/** @import { Context } from "../../views/message.js" */
/** @import { GameItem } from "../models/items.js" */
/** @typedef {typeof import("./played.js")} Drawing */

/**
 * @param {HTMLElement} node
 * @param {GameItem} item
 * @param {Context} context
 */
export function drawGame(node, item, context) {
  const { made } = context.games.drawing;
  if (made) made.drawGame(node, item, context);
  else node.replaceChildren(waiting(item, context));
}

/**
 * → the nodes whose buttons are others now.
 * @param {HTMLElement} node
 * @param {GameItem} item
 * @param {Context} context
 */
export function patchGame(node, item, context) {
  const { made } = context.games.drawing;
  if (made) return made.patchGame(node, item, context);
  drawGame(node, item, context);
  return [];
}

/**
 * @param {GameItem} item
 * @param {Context} context
 */
function waiting({ game, full }, { games }) {
  const name = gameName(game.spec);
  const again = el("button", { type: "button", class: "button small" }, "Try again");
  again.addEventListener("click", games.draw);
  const words = el(
    "p",
    { class: "game-status", tabindex: -1 },
    games.drawing.failed ? "This game could not be loaded." : "Loading the game…",
  );
  const about = { id: `game-${game.id}`, "aria-label": `Game of ${name}` };
  return el(
    "article",
    { class: full ? "game-waits" : "game-notice", ...about },
    el("h2", { class: "game-name" }, name),
    words,
    games.drawing.failed ? again : null,
  );
}
