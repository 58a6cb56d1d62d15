// The AI, over HTTP. One call is one attempt; trying again is the person's decision.

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
 * The AI's move: the contract's answer (cell, reason, moves, …).
 * Rejects with one of the errors above, or with AbortError when `signal` is aborted.
 */
export async function askMove(rules, position, level, signal) {
  const { board } = position;
  const answer = await post("move", { ...asked(rules, position), level }, signal);
  const { cell, player } = answer ?? {};
  const fits =
    Number.isInteger(cell) &&
    rules.legal(position).includes(cell) &&
    answer.board === board.slice(0, cell) + player + board.slice(cell + 1);
  if (!fits) throw new StrangeAnswer();
  return answer;
}

/**
 * How a position stands and what each move is worth: {side, best, reason, line, moves, value} and, where it is proven,
 * {outcome, distance}. line: how the game goes on from the best move. Errors as above.
 */
export async function askAdvice(rules, position, side, signal) {
  const answer = await post("analyse", asked(rules, position), signal);
  const { best, moves, outcome, distance, value } = answer ?? {};
  const found = Array.isArray(moves) ? moves.find(({ cell }) => cell === best) : undefined;
  const legal = new Set(rules.legal(position));
  if (!found || !moves.every(({ cell }) => legal.has(cell))) throw new StrangeAnswer();
  return { side, best, moves, outcome, distance, value, reason: found.reason, line: found.variation };
}

function asked({ variant, columns, rows, k, ultimate }, { board, last }) {
  if (variant === "classic") return { board };
  if (variant === "mnk") return { board, variant, m: columns, n: rows, k };
  return ultimate && last !== null ? { board, variant, last } : { board, variant };
}

async function post(call, body, signal) {
  let response;
  try {
    response = await fetch(`/api/tictactoe/${call}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    if (response.ok) return await response.json();
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error.name === "TimeoutError") throw new TooSlow();
    throw error instanceof SyntaxError ? new StrangeAnswer() : new Unreachable();
  }
  if (response.status === 429) throw new TooManyMoves();
  if (response.status === 503) throw new Busy();
  if (response.status >= 500) throw new Unreachable();
  const problem = await response.json().catch(() => ({}));
  throw new Refused(problem.detail ?? "");
}
