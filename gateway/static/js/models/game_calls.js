import { stillMeans } from "../games/models/state.js";
import { Emitter } from "../lib/emitter.js";
import { uuid7 } from "../lib/uuid.js";
import * as api from "../net/api.js";

const SLOW_MS = 500;
const OFFLINE = "You are offline. This is tried again when you are back.";
const MOVED_ON = "The game had moved on. Look at it and choose again.";

/**
 * What this person does in games, one thing a game at a time. A call is
 *   {command, state: "sending" | "failed", slow, words, again}
 * again: "soon" when it is tried by itself once connected, "ask" when only Retry does it, null when it is refused.
 * Emits "change" with the game's id.
 */
export class GameCalls extends Emitter {
  #calls = new Map();

  constructor({ games }) {
    super();
    this.games = games;
    games.on("change", ({ game }) => game && this.#outdate(game));
  }

  of(id) {
    return this.#calls.get(id) ?? null;
  }

  /** Does {do, …} in a game, unless something else is under way there. */
  act(id, command) {
    if (this.of(id)?.state === "sending") return null;
    return this.#send(id, { ...command, client_id: uuid7() });
  }

  retry(id) {
    const call = this.of(id);
    return call?.state === "failed" && call.again ? this.#send(id, call.command) : null;
  }

  /** Forgets what failed. */
  dismiss(id) {
    if (this.of(id)?.state === "failed") this.#set(id, null);
  }

  /** Connected again. */
  online() {
    for (const [id, { again }] of this.#calls) if (again === "soon") this.retry(id);
  }

  /** Offers or begins a game; the same client_id may be offered again when this fails. → its entry. */
  async offer(thread, offer) {
    const made = await api.offerGame(thread, offer);
    this.games.take(made);
    return made;
  }

  async #send(id, command) {
    const call = { command, state: "sending", slow: false, words: null, again: null };
    this.#set(id, call);
    const timer = setTimeout(() => this.of(id) === call && this.#set(id, call, (call.slow = true)), SLOW_MS);
    try {
      const answer = await api.commandGame(id, command);
      if (this.of(id) === call) this.#calls.delete(id);
      this.games.take(answer);
      this.emit("change", id);
      return answer;
    } catch (error) {
      if (this.of(id) === call) this.#failed(id, call, error);
      return null;
    } finally {
      clearTimeout(timer);
    }
  }

  #failed(id, call, error) {
    const { status } = error;
    if (status === undefined) {
      const words = navigator.onLine ? "The server cannot be reached. This is tried again." : OFFLINE;
      this.#set(id, { ...call, state: "failed", words, again: "soon" });
    } else if (status === 429 || status >= 500) {
      this.#set(id, { ...call, state: "failed", words: api.inWords(error), again: "ask" });
    } else {
      const words = error.problem.type?.endsWith("stale") ? MOVED_ON : error.message;
      this.#set(id, { ...call, state: "failed", words, again: null });
      api.game(id).then((entry) => this.games.take(entry)).catch(console.warn);
    }
  }

  /** What waits to be tried again is dropped once the game has changed so that it means nothing any more. */
  #outdate(game) {
    const call = this.of(game.id);
    if (call?.state === "failed" && call.again && !stillMeans(call.command, game)) this.#set(game.id, null);
  }

  #set(id, call) {
    if (call) this.#calls.set(id, call);
    else this.#calls.delete(id);
    this.emit("change", id);
  }
}
