import { Emitter } from "../lib/emitter.js";

const UNDO_MS = 5000;

/**
 * target: the message's seq, or its client_id where it has none yet; key: the same name for both.
 * @typedef {{ thread: string, key: string, target: number | string, timer: number }} Deletion
 */

/**
 * What is deleted in five seconds unless somebody undoes it. Emits "change" with the thread's username.
 * @extends {Emitter<{ change: string }>}
 */
export class Deletions extends Emitter {
  /** @type {Deletion[]} */
  #waiting = [];
  #send;

  /** @param {(thread: string, target: number | string) => void} send deletes it for good */
  constructor(send) {
    super();
    this.#send = send;
  }

  /**
   * @param {string} thread
   * @param {string} key
   */
  has(thread, key) {
    return this.#waiting.some((one) => one.thread === thread && one.key === key);
  }

  /**
   * @param {string} thread
   * @param {string} key
   * @param {number | string} target
   */
  begin(thread, key, target) {
    if (this.has(thread, key)) return;
    const timer = setTimeout(() => this.#end(thread, key), UNDO_MS);
    this.#waiting.push({ thread, key, target, timer });
    this.emit("change", thread);
  }

  /**
   * @param {string} thread
   * @param {string} key
   */
  undo(thread, key) {
    this.#take(thread, key);
    this.emit("change", thread);
  }

  /** Nobody is there to undo it any more: what was asked for is done at once, not forgotten. */
  now() {
    for (const { thread, key } of [...this.#waiting]) this.#end(thread, key);
  }

  /**
   * @param {string} thread
   * @param {string} key
   */
  #end(thread, key) {
    const one = this.#take(thread, key);
    if (!one) return;
    this.#send(thread, one.target);
    this.emit("change", thread);
  }

  /**
   * @param {string} thread
   * @param {string} key
   */
  #take(thread, key) {
    const one = this.#waiting.find((each) => each.thread === thread && each.key === key);
    clearTimeout(one?.timer);
    this.#waiting = this.#waiting.filter((each) => each !== one);
    return one;
  }
}
