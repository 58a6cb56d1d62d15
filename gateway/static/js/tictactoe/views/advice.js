// Under the board: how the position stands, and the best line, in words.

import { byId, setText } from "../../lib/dom.js";
import { bestLine, verdict } from "../models/words.js";

/** @import { Advice } from "../api.js" */
/** @import { Game } from "../models/game.js" */

export class AdviceView {
  /**
   * @param {Game} game
   * @param {Advice | null} advice
   */
  render(game, advice) {
    byId("advice").hidden = advice === null;
    if (!advice) return;
    setText(byId("verdict"), verdict(advice));
    setText(byId("best-line"), bestLine(game.rules, advice));
  }
}
