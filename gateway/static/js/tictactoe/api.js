// The AI, over HTTP. One call is one attempt; trying again is the person's decision.

const TIMEOUT_MS = 15_000;

class NamedError extends Error {
  constructor(message = "") {
    super(message);
    this.name = new.target.name;
  }
}
export class Unreachable extends NamedError {}
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
  const fits = Number.isInteger(cell) && rules.legal(position).includes(cell) &&
    answer.board === board.slice(0, cell) + player + board.slice(cell + 1);
  if (!fits) throw new StrangeAnswer();
  return answer;
}

/** What each move is worth: {side, best, reason, exact, moves, line}; errors as above. */
export async function askAdvice(rules, position, side, signal) {
  const { cell, reason, moves } = await askMove(rules, position, "perfect", signal);
  return { side, best: cell, reason, exact: true, moves, line: [cell] };
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
  if (response.status >= 500) throw new Unreachable();
  const problem = await response.json().catch(() => ({}));
  throw new Refused(problem.detail ?? "");
}
