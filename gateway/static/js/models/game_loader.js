import * as api from "../net/api.js";
import { Backoff } from "../net/backoff.js";

/** @import { Games } from "./games.js" */
/** @import { Store } from "./store.js" */
/** @typedef {(current: () => boolean) => Promise<void>} Load current: whether what it asked for is still wanted */

const MOST = 200;
const PATIENCE_MS = 300;

/** Fetches games: all open ones, those among the messages that are loaded, and single ones. */
export class GameLoader {
  #backoff = new Backoff();
  /** @type {Set<() => Promise<void>>} */
  #failed = new Set();
  /** @type {number | undefined} */
  #timer;
  #epoch = 0;

  /** @param {{ games: Games, store: Store }} parts */
  constructor({ games, store }) {
    this.games = games;
    this.store = store;
  }

  /** The open games of all threads; any that are missing from the answer are over. */
  refresh() {
    return this.#surely(async (current) => {
      const known = this.games.openIds();
      const { games } = await api.openGames();
      if (!current()) return;
      const all = games.length < MOST;
      this.games.takeOpen(games, all ? known : new Map(), (thread) => this.store.thread(thread).loaded);
    });
  }

  /**
   * The games whose first event has a seq from `from` to `to` (to the end without it). Resolves when they are there, or
   * after a moment: messages do not wait for a slow game service.
   * @param {string} username
   * @param {number} from
   * @param {number} [to]
   */
  span(username, from, to) {
    const loaded = this.#surely(async (current) => {
      let last = to;
      for (;;) {
        const { games } = await api.threadGames(username, { from, to: last });
        if (!current()) return;
        for (const one of games) this.games.take(one);
        if (games.length < MOST) return;
        last = (games[0].seq ?? 0) - 1;
      }
    });
    return Promise.race([loaded, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
  }

  /**
   * Finds the place of a game of which only a later change has been heard.
   * @param {string} id
   */
  place(id) {
    return this.#surely(async (current) => {
      const found = await api.game(id);
      if (current()) this.games.take(found);
    });
  }

  /**
   * The newest game of a thread: what the inbox shows where nobody has written anything.
   * @param {string} username
   */
  last(username) {
    return this.#surely(async (current) => {
      const { games } = await api.threadGames(username, { from: 0, limit: 1 });
      if (current()) for (const one of games) this.games.take(one);
    });
  }

  /** The connection is back: tries at once whatever failed. */
  again() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const failed = [...this.#failed];
    this.#failed.clear();
    for (const run of failed) run();
  }

  forget() {
    this.#epoch += 1;
    this.#failed.clear();
  }

  /**
   * Runs `load` now, and later again until it is done or refused.
   * @param {Load} load
   */
  #surely(load) {
    const epoch = this.#epoch;
    const current = () => epoch === this.#epoch;
    const run = async () => {
      try {
        await load(current);
        this.#backoff.reset();
      } catch (error) {
        console.warn("Duet: games", error);
        const status = api.statusOf(error) ?? 500;
        if (!current() || (status < 500 && status !== 429)) return;
        this.#failed.add(run);
        this.#timer ??= setTimeout(() => this.again(), 1000 + this.#backoff.next());
      }
    };
    return run();
  }
}
