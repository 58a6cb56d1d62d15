// What the moves of a position are worth to the side that makes them. No DOM.

/** How many plies of the best line are shown. */
export const LONGEST_LINE = 8;

const MARKS = { win: "+", draw: "=", loss: "−" };

/** @typedef {Pick<Wire.MoveAnalysed, "outcome" | "distance" | "value">} Valued outcome: where it is proven; value: an estimate */
/** @typedef {"win" | "draw" | "loss"} Kind */

/**
 * How to say what a move is worth.
 * @param {Valued} move
 * @param {Wire.Side} side
 */
export function worth(move, side) {
  if (move.outcome === undefined) return estimate(move.value);
  /** @type {Kind} */
  const kind = move.outcome === "draw" ? "draw" : move.outcome === side ? "win" : "loss";
  // The distance counts from the board after the move; people count the move itself too.
  const detail = kind === "draw" || move.distance === undefined ? "" : `in ${move.distance + 1}`;
  return { kind, word: capital(kind), detail, mark: MARKS[kind] };
}

/** Estimates run from -1 (lost) to 1 (won) for the side to move; one closer to 0 than this says nothing. */
export const EVEN = 0.1;

/** @param {number} value */
function estimate(value) {
  /** @type {Kind} */
  const kind = value > EVEN ? "win" : value < -EVEN ? "loss" : "draw";
  const word = { win: "Better", draw: "Even", loss: "Worse" }[kind];
  return {
    kind,
    word,
    detail: `${value > 0 ? "+" : value < 0 ? "−" : ""}${Math.abs(value).toFixed(2)}`,
    mark: MARKS[kind],
  };
}

/** @param {string} word */
const capital = (word) => word[0].toUpperCase() + word.slice(1);
