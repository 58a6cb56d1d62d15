import { stillMeans } from "../games/models/state.js";
import { Emitter } from "../lib/emitter.js";
import { uuid7 } from "../lib/uuid.js";
import * as api from "../net/api.js";

const SLOW_MS = 500;
const AGAIN_AFTER_MS = 3000;
const OFFLINE = "You are offline. This is tried again when you are back.";
const MOVED_ON = "The game had moved on. Look at it and choose again.";

/**
 * @template Whole
 * @typedef {Whole extends unknown ? Omit<Whole, "client_id"> : never} WithoutId
 */
/** @typedef {WithoutId<Wire.GameCommand>} Command */

/**
 * @typedef {object} Call
 * @property {Wire.GameCommand} command
 * @property {"sending" | "failed"} state
 * @property {boolean} slow
 * @property {string | null} words why it failed
 * @property {"soon" | "ask" | null} again soon: tried by itself; ask: only by Retry; null: refused
 */

/** @import { Games } from "./games.js" */

/**
 * What this person does in games, one thing a game at a time. Emits "change" with the game's id.
 * @extends {Emitter<{ change: string }>}
 */
export class GameCalls extends Emitter {
  /** @type {Map<string, Call>} */
  #calls = new Map();

  /** @param {{ games: Games }} parts */
  constructor({ games }) {
    super();
    this.games = games;
    games.on("change", ({ game }) => game && this.#outdate(game));
  }

  /** @param {string} id of a game */
  of(id) {
    return this.#calls.get(id) ?? null;
  }

  /**
   * Does it in a game, unless something else is under way there. → its entry, or null where that failed.
   * @param {string} id
   * @param {Command} command
   */
  async act(id, command) {
    if (this.of(id)?.state === "sending") return null;
    return this.#send(id, { ...command, client_id: uuid7() });
  }

  /** @param {string} id */
  retry(id) {
    const call = this.of(id);
    if (call?.state === "failed" && call.again) this.#send(id, call.command);
  }

  /** Connected again. */
  online() {
    for (const [id, { again }] of this.#calls) if (again === "soon") this.retry(id);
  }

  /**
   * Offers or begins a game; the same client_id may be offered again when this fails. → its entry.
   * @param {string} thread
   * @param {Wire.OfferGame} offer
   */
  async offer(thread, offer) {
    const made = await api.offerGame(thread, offer);
    this.games.take(made);
    return made;
  }

  /**
   * @param {string} id
   * @param {Wire.GameCommand} command
   */
  async #send(id, command) {
    /** @type {Call} */
    const call = { command, state: "sending", slow: false, words: null, again: null };
    this.#set(id, call);
    const timer = setTimeout(() => {
      if (this.of(id) !== call) return;
      call.slow = true;
      this.emit("change", id);
    }, SLOW_MS);
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

  /**
   * @param {string} id
   * @param {Call} call
   * @param {unknown} error
   */
  #failed(id, call, error) {
    if (!(error instanceof api.ProblemError)) {
      const words = navigator.onLine ? "The server cannot be reached. This is tried again." : OFFLINE;
      const failed = /** @type {Call} */ ({ ...call, state: "failed", words, again: "soon" });
      this.#set(id, failed);
      // The socket may have stayed open, and then nothing else says when to try.
      setTimeout(() => navigator.onLine && this.of(id) === failed && this.retry(id), AGAIN_AFTER_MS);
    } else if (error.status === 429 || error.status >= 500) {
      this.#set(id, { ...call, state: "failed", words: api.inWords(error), again: "ask" });
    } else {
      const words = error.problem.type?.endsWith("stale") ? MOVED_ON : error.message;
      this.#set(id, { ...call, state: "failed", words, again: null });
      api
        .game(id)
        .then((entry) => this.games.take(entry))
        .catch(console.warn);
    }
  }

  /**
   * Drops what waits for another try once the game has changed so much that it means nothing any more.
   * @param {Wire.Game} game
   */
  #outdate(game) {
    const call = this.of(game.id);
    if (call?.state === "failed" && call.again && !stillMeans(call.command, game)) this.#set(game.id, null);
  }

  /**
   * @param {string} id
   * @param {Call | null} call
   */
  #set(id, call) {
    if (call) this.#calls.set(id, call);
    else this.#calls.delete(id);
    this.emit("change", id);
  }
}
