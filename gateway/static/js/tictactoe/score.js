// Games won and drawn in this tab, kept over reloads.

import { recall, remember } from "./storage.js";

const KEY = "duet.tictactoe.score";
const RESULTS = ["X", "O", "draw"];

export class Score {
  constructor(kept) {
    this.kept = kept;
    const stored = recall(kept, KEY, {});
    this.counts = Object.fromEntries(RESULTS.map((key) =>
      [key, Number.isInteger(stored[key]) && stored[key] >= 0 ? stored[key] : 0]));
  }

  /** `by` is 1 for a finished game, -1 where its last move is taken back. */
  count(result, by) {
    this.counts[result] = Math.max(0, this.counts[result] + by);
    remember(this.kept, KEY, this.counts);
  }
}
