import * as api from "../net/api.js";
import { Backoff } from "../net/backoff.js";

const MOST = 200;
const PATIENCE_MS = 300;

/** Fetches games: the open ones of all threads, those that stand among the messages loaded, single ones. */
export class GameLoader {
  #backoff = new Backoff();
  #failed = new Set();
  #timer = null;
  #epoch = 0;

  constructor({ games, store }) {
    Object.assign(this, { games, store });
  }

  /** The games that wait or are played, of all threads; those not in the answer are over. */
  refresh() {
    return this.#surely(async (current) => {
      const known = this.games.openIds();
      const { games } = await api.openGames();
      const isHeld = (thread) => this.store.thread(thread).loaded;
      if (current()) this.games.takeOpen(games, games.length < MOST ? known : new Map(), isHeld);
    });
  }

  /**
   * The games whose first event has a seq from `from` to `to` (null: to the end). Resolves when they are there, or
   * after a moment: messages do not wait for a slow game service.
   */
  span(username, from, to) {
    const loaded = this.#surely(async (current) => {
      let last = to;
      for (;;) {
        const { games } = await api.threadGames(username, { from, to: last });
        if (!current()) return;
        for (const one of games) this.games.take(one);
        if (games.length < MOST) return;
        last = games[0].seq - 1;
      }
    });
    return Promise.race([loaded, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
  }

  /** Where a game stands of which only a later change was heard. */
  place(id) {
    return this.#surely(async (current) => {
      const found = await api.game(id);
      if (current()) this.games.take(found);
    });
  }

  /** The newest game of a thread: what the inbox says of it where nobody wrote. */
  last(username) {
    return this.#surely(async (current) => {
      const { games } = await api.threadGames(username, { from: 0, limit: 1 });
      if (current()) for (const one of games) this.games.take(one);
    });
  }

  /** What failed is tried at once: the connection is back. */
  again() {
    clearTimeout(this.#timer);
    this.#timer = null;
    const failed = [...this.#failed];
    this.#failed.clear();
    for (const run of failed) run();
  }

  forget() {
    this.#epoch += 1;
    this.#failed.clear();
  }

  /** Runs `load` now, and later again until it is done or refused. */
  #surely(load) {
    const epoch = this.#epoch;
    const current = () => epoch === this.#epoch;
    const run = async () => {
      try {
        await load(current);
        this.#backoff.reset();
      } catch (error) {
        console.warn("Duet: games", error);
        if (!current() || (error.status >= 400 && error.status < 500 && error.status !== 429)) return;
        this.#failed.add(run);
        this.#timer ??= setTimeout(() => this.again(), 1000 + this.#backoff.next());
      }
    };
    return run();
  }
}
