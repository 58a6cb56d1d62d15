// Games that are over and done with, small: a finished one with its last board and a link, a sentence for the others.

import { el } from "../../lib/dom.js";
import { gameName } from "../models/names.js";
import { replayAddress } from "../models/replay.js";
import { rulesFor } from "../models/state.js";
import { status } from "../models/words.js";
import { picture } from "./picture.js";

/** @import { GameItem } from "../models/items.js" */
/** @import { About } from "../models/names.js" */

/**
 * @param {GameItem} item
 * @param {About} about
 */
export function summaryNode({ game }, about) {
  const rules = rulesFor(game.spec);
  const name = gameName(game.spec);
  const id = `game-${game.id}`;
  if (game.phase !== "finished") return el("p", { class: "game-notice", id }, status(game, about));
  const replay = replayAddress(game);
  return el(
    "article",
    { class: "game-summary", id, "aria-label": `Finished game of ${name}` },
    rules && picture(rules, game.moves),
    el("div", {}, el("p", { class: "game-name" }, name), el("p", {}, status(game, about))),
    replay && el("a", { class: "button small", href: replay, target: "_blank", rel: "noopener" }, "Replay"),
  );
}
