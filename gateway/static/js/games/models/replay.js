import { encode } from "../../tictactoe/models/link.js";
import { rulesFor } from "./state.js";

/**
 * Where a finished game can be looked at again, move by move; null where this page does not know its rules, or nothing
 * was played.
 * @param {Wire.Game} game
 */
export function replayAddress({ spec, moves }) {
  const rules = rulesFor(spec);
  return rules && moves.length > 0 ? `/tictactoe?${encode(rules, moves)}` : null;
}
