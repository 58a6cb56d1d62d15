// The AI, over HTTP. One call is one attempt; trying again is the person's decision.

const TIMEOUT_MS = 8000;

class NamedError extends Error {
  constructor(message = "") {
    super(message);
    this.name = new.target.name;
  }
}
export class Unreachable extends NamedError {}
export class TooManyMoves extends NamedError {}
export class Refused extends NamedError {}
export class StrangeAnswer extends NamedError {}

/**
 * The AI's move on `board`: the contract's answer (cell, reason, moves, …).
 * Rejects with one of the errors above, or with AbortError when `signal` is aborted.
 */
export async function askMove(board, level, signal) {
  const answer = await post({ board, level }, signal);
  const { cell, player, moves } = answer ?? {};
  const fits = Number.isInteger(cell) && board[cell] === "." && Array.isArray(moves) &&
    answer.board === board.slice(0, cell) + player + board.slice(cell + 1);
  if (!fits) throw new StrangeAnswer();
  return answer;
}

async function post(body, signal) {
  let response;
  try {
    response = await fetch("/api/tictactoe/move", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    if (response.ok) return await response.json();
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw error instanceof SyntaxError ? new StrangeAnswer() : new Unreachable();
  }
  if (response.status === 429) throw new TooManyMoves();
  if (response.status >= 500) throw new Unreachable();
  const problem = await response.json().catch(() => ({}));
  throw new Refused(problem.detail ?? "");
}
