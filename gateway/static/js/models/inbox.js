import * as api from "../net/api.js";

/** @import { Store } from "./store.js" */

const PAGE = 50;
const RETRY_MS = 5000;
const MOST_PAGES = 20;

/**
 * Fetches the rows of the inbox, or those of the archive: the first page whenever it may be stale, further ones on
 * demand, or while something that is listed already has changed in them.
 */
export class Inbox {
  loaded = false;
  failed = false;
  /** @type {number | undefined} a timer */
  #retry;
  /** @type {string | null} a cursor */
  #next = null;
  /** @type {Promise<void> | null} */
  #fetching = null;
  #again = false;
  #epoch = 0;

  /**
   * @param {Store} store
   * @param {{ archived?: boolean, load?: typeof api.threads }} [of]
   */
  constructor(store, { archived = false, load = api.threads } = {}) {
    this.store = store;
    this.load = load;
    this.archived = archived;
  }

  get complete() {
    return this.loaded && this.#next === null;
  }

  /** One fetch at a time; calls during it make one more afterwards. */
  refresh() {
    if (this.#fetching) {
      this.#again = true;
      return this.#fetching;
    }
    this.#fetching = this.#fetch().finally(() => {
      this.#fetching = null;
      if (!this.#again) return;
      this.#again = false;
      this.refresh().catch(console.warn);
    });
    return this.#fetching;
  }

  /** Resolves when no fetch is under way. */
  async idle() {
    await this.#fetching?.catch(() => null);
  }

  async more() {
    if (this.#fetching || !this.#next) return;
    this.#fetching = this.#fetch(this.#next).finally(() => {
      this.#fetching = null;
    });
    await this.#fetching;
  }

  forget() {
    this.#epoch += 1;
    this.#next = null;
  }

  /** @param {string | undefined} [cursor] of a further page */
  async #fetch(cursor) {
    const epoch = this.#epoch;
    clearTimeout(this.#retry);
    const { threads, next } = await this.#page(cursor);
    if (epoch !== this.#epoch) return;
    this.failed = false;
    if (cursor || !this.loaded) this.#next = next;
    this.loaded = true;
    this.store.rows(threads);
    if (!cursor && !this.archived) await this.#further(next);
  }

  /** @param {string | undefined} cursor */
  #page(cursor) {
    return this.load({ archived: `${this.archived}`, cursor, limit: PAGE }).catch((error) => this.#fail(error));
  }

  /**
   * After a long absence more has changed than the first page holds.
   * @param {string | null} next
   */
  async #further(next) {
    const epoch = this.#epoch;
    for (let pages = 1; next && pages < MOST_PAGES && this.store.staleRow; pages += 1) {
      const page = await this.#page(next);
      if (epoch !== this.#epoch) return;
      this.store.rows(page.threads);
      next = page.next;
    }
  }

  /**
   * @param {unknown} error
   * @returns {never}
   */
  #fail(error) {
    this.failed = true;
    this.#retry = setTimeout(() => this.refresh().catch(console.warn), RETRY_MS);
    this.store.emit("inbox");
    throw error;
  }
}
