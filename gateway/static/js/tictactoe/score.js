// Games won and drawn in this tab, kept over reloads.

const KEY = "duet.tictactoe.score";
const RESULTS = ["X", "O", "draw"];

export class Score {
  constructor(storage) {
    this.storage = storage;
    this.counts = { X: 0, O: 0, draw: 0, ...read(storage) };
  }

  /** `by` is 1 for a finished game, -1 where its last move is taken back. */
  count(result, by) {
    this.counts[result] = Math.max(0, this.counts[result] + by);
    try {
      this.storage?.setItem(KEY, JSON.stringify(this.counts));
    } catch {
      // A full or forbidden storage costs only the memory of the score.
    }
  }
}

function read(storage) {
  try {
    const stored = JSON.parse(storage?.getItem(KEY) ?? "{}");
    return Object.fromEntries(RESULTS.filter((key) => Number.isInteger(stored[key]) && stored[key] >= 0)
      .map((key) => [key, stored[key]]));
  } catch {
    return {};
  }
}

/** The tab's storage, or null where the browser forbids even looking at it. */
export function tabStorage() {
  try {
    return window.sessionStorage;
  } catch {
    return null;
  }
}
