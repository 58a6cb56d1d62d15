// Games won and drawn in this tab, kept over reloads.

/** @import { Kept } from "../../lib/storage.js" */

const KEY = "duet.tictactoe.score";
/** @type {Wire.Outcome[]} */
const RESULTS = ["X", "O", "draw"];

export class Score {
  counts = { X: 0, O: 0, draw: 0 };

  /** @param {Kept} kept */
  constructor(kept) {
    this.kept = kept;
    const stored = /** @type {Record<string, unknown>} */ (kept.recall(KEY, {}));
    for (const result of RESULTS) {
      const count = Number(stored[result]);
      if (Number.isInteger(count) && count > 0) this.counts[result] = count;
    }
  }

  /**
   * @param {Wire.Outcome} result
   * @param {1 | -1} by -1 where the last move of a finished game is taken back
   */
  count(result, by) {
    this.counts[result] = Math.max(0, this.counts[result] + by);
    this.kept.remember(KEY, this.counts);
  }
}
