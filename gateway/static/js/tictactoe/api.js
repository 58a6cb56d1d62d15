// The AI, over HTTP. One call is one attempt; trying again is the person's decision.

/** @import { Position } from "./models/position.js" */
/** @import { Rules } from "./models/variants.js" */

/**
 * How a position stands and what each move is worth, to `side`. line: how the game goes on from the best move.
 * outcome, distance: where they are proven.
 * @typedef {object} Advice
 * @property {Wire.Side} side
 * @property {number} best a cell
 * @property {Wire.Reason} reason
 * @property {number[]} line
 * @property {Wire.MoveAnalysed[]} moves
 * @property {number} value
 * @property {Wire.Outcome} [outcome]
 * @property {number} [distance]
 */

const TIMEOUT_MS = 8000;

class NamedError extends Error {
  constructor(message = "") {
    super(message);
    this.name = new.target.name;
  }
}
export class Unreachable extends NamedError {}
export class Busy extends NamedError {}
export class TooSlow extends NamedError {}
export class TooManyMoves extends NamedError {}
export class Refused extends NamedError {}
export class StrangeAnswer extends NamedError {}

/**
 * The AI's move. Rejects with one of the errors above, or with AbortError when `signal` is aborted.
 * @param {Rules} rules
 * @param {Position} position
 * @param {Wire.Level} level
 * @param {AbortSignal} signal
 */
export async function askMove(rules, position, level, signal) {
  const { board } = position;
  const answer = await post("POST /api/tictactoe/move", { ...asked(rules, position), level }, signal);
  const { cell, player } = answer ?? {};
  const fits =
    Number.isInteger(cell) &&
    rules.legal(position).includes(cell) &&
    answer.board === board.slice(0, cell) + player + board.slice(cell + 1);
  if (!fits) throw new StrangeAnswer();
  return answer;
}

/**
 * Errors as above.
 * @param {Rules} rules
 * @param {Position} position
 * @param {Wire.Side} side
 * @param {AbortSignal} signal
 * @returns {Promise<Advice>}
 */
export async function askAdvice(rules, position, side, signal) {
  const answer = await post("POST /api/tictactoe/analyse", asked(rules, position), signal);
  const { best, moves, outcome, distance, value } = answer ?? {};
  const found = Array.isArray(moves) ? moves.find(({ cell }) => cell === best) : undefined;
  const legal = new Set(rules.legal(position));
  if (!found || !moves.every(({ cell }) => legal.has(cell))) throw new StrangeAnswer();
  return { side, best, moves, outcome, distance, value, reason: found.reason, line: found.variation };
}

/**
 * @param {Rules} rules
 * @param {Position} position
 * @returns {Wire.AskAnalysis}
 */
function asked({ variant, columns, rows, k, ultimate }, { board, last }) {
  if (variant === "classic") return { board };
  if (variant === "mnk") return { board, variant, m: columns, n: rows, k };
  return ultimate && last !== null ? { board, variant, last } : { board, variant };
}

/**
 * @template {"POST /api/tictactoe/move" | "POST /api/tictactoe/analyse"} Route
 * @param {Route} route
 * @param {Wire.Bodies[Route]} body
 * @param {AbortSignal} signal
 * @returns {Promise<Wire.Answers[Route]>}
 */
async function post(route, body, signal) {
  let response;
  try {
    response = await fetch(route.slice("POST ".length), {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    if (response.ok) return await response.json();
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof DOMException && error.name === "TimeoutError") throw new TooSlow();
    throw error instanceof SyntaxError ? new StrangeAnswer() : new Unreachable();
  }
  if (response.status === 429) throw new TooManyMoves();
  if (response.status === 503) throw new Busy();
  if (response.status >= 500) throw new Unreachable();
  const problem = await response.json().catch(() => ({}));
  throw new Refused(problem.detail ?? "");
}
