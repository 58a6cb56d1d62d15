const MAX_IN_HELLO = 200;
const RESYNC_AFTER_MS = 5000;

/**
 * The last seq applied in each thread. A thread is *held* once its history is loaded. Only held threads are resumed
 * where they stopped; the others start at their head with every connection.
 */
export class Cursors {
  /** @type {Map<string, number>} */
  #seqs = new Map();
  /** @type {Set<string>} */
  #held = new Set();
  /** @type {Map<string, number>} when, by our clock */
  #asked = new Map();
  /** @type {Record<string, number>} */
  #named = {};

  constructor(now = () => performance.now()) {
    this.now = now;
  }

  /** What hello names: the held threads held last. */
  hello() {
    const threads = [...this.#held].slice(-MAX_IN_HELLO);
    this.#named = Object.fromEntries(threads.map((thread) => [thread, this.#seqs.get(thread) ?? 0]));
    return this.#named;
  }

  /**
   * Takes over the heads of a welcome. → {sync: held threads whose cursor hello did not name,
   * ahead: threads whose cursor is past the head, which is to be forgotten}.
   * @param {Record<string, { head: number }>} threads
   */
  welcome(threads) {
    this.#asked.clear();
    for (const thread of this.#seqs.keys()) if (!this.#held.has(thread)) this.#seqs.delete(thread);
    /** @type {string[]} */
    const ahead = [];
    for (const [thread, { head }] of Object.entries(threads)) {
      if (!this.#held.has(thread)) this.#seqs.set(thread, head);
      else if (this.at(thread) > head) ahead.push(thread);
    }
    const sync = [...this.#held].map((thread) => ({ thread, after: this.at(thread) }));
    return { sync: sync.filter(({ thread, after }) => this.#named[thread] !== after), ahead };
  }

  /**
   * Judges a durable frame; at "apply" the cursor moves.
   * @param {string} thread
   * @param {number} seq
   */
  take(thread, seq) {
    const cursor = this.#seqs.get(thread);
    if (cursor !== undefined && seq <= cursor) return "old";
    if (cursor !== undefined && seq > cursor + 1) return "gap";
    this.#seqs.set(thread, seq);
    this.#asked.delete(thread);
    return "apply";
  }

  /**
   * From where to ask again after a gap; null while an answer is still under way.
   * @param {string} thread
   */
  ask(thread) {
    const asked = this.#asked.get(thread);
    if (asked !== undefined && this.now() - asked < RESYNC_AFTER_MS) return null;
    this.#asked.set(thread, this.now());
    return this.at(thread);
  }

  /**
   * History up to `head` is loaded. True when live frames ran ahead of it and must be replayed.
   * @param {string} thread
   * @param {number} head
   */
  hold(thread, head) {
    const ranAhead = this.at(thread) > head;
    this.#held.add(thread);
    this.#seqs.set(thread, head);
    if (ranAhead) this.#asked.set(thread, this.now());
    return ranAhead;
  }

  /** @param {string} thread */
  forget(thread) {
    this.#held.delete(thread);
    this.#seqs.delete(thread);
  }

  forgetAll() {
    this.#held.clear();
    this.#seqs.clear();
  }

  /**
   * The last seq applied in `thread`.
   * @param {string} thread
   */
  at(thread) {
    return this.#seqs.get(thread) ?? 0;
  }
}
