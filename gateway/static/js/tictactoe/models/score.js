// Games won and drawn in this tab, kept over reloads.

const KEY = "duet.tictactoe.score";
const RESULTS = ["X", "O", "draw"];

export class Score {
  constructor(kept) {
    this.kept = kept;
    const stored = kept.recall(KEY, {});
    this.counts = Object.fromEntries(
      RESULTS.map((key) => [key, Number.isInteger(stored[key]) && stored[key] >= 0 ? stored[key] : 0]),
    );
  }

  /** `by` is 1 for a finished game, -1 where its last move is taken back. */
  count(result, by) {
    this.counts[result] = Math.max(0, this.counts[result] + by);
    this.kept.remember(KEY, this.counts);
  }
}
