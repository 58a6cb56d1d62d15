import { Emitter } from "../lib/emitter.js";

const UNDO_MS = 5000;

/** @typedef {{ thread: string, seq: number, timer: number }} Deletion */

/**
 * What is deleted in five seconds unless somebody undoes it. Emits "change" with the thread's username.
 * @extends {Emitter<{ change: string }>}
 */
export class Deletions extends Emitter {
  /** @type {Deletion[]} */
  #waiting = [];
  #send;

  /** @param {(thread: string, seq: number) => void} send deletes it for good */
  constructor(send) {
    super();
    this.#send = send;
  }

  /**
   * @param {string} thread
   * @param {number} seq
   */
  has(thread, seq) {
    return this.#waiting.some((one) => one.thread === thread && one.seq === seq);
  }

  /**
   * @param {string} thread
   * @param {number} seq
   */
  begin(thread, seq) {
    if (this.has(thread, seq)) return;
    const timer = setTimeout(() => this.#end(thread, seq), UNDO_MS);
    this.#waiting.push({ thread, seq, timer });
    this.emit("change", thread);
  }

  /**
   * @param {string} thread
   * @param {number} seq
   */
  undo(thread, seq) {
    this.#take(thread, seq);
    this.emit("change", thread);
  }

  /** Nobody is there to undo it any more: what was asked for is done at once, not forgotten. */
  now() {
    for (const { thread, seq } of [...this.#waiting]) this.#end(thread, seq);
  }

  /**
   * @param {string} thread
   * @param {number} seq
   */
  #end(thread, seq) {
    if (!this.#take(thread, seq)) return;
    this.#send(thread, seq);
    this.emit("change", thread);
  }

  /**
   * @param {string} thread
   * @param {number} seq
   */
  #take(thread, seq) {
    const one = this.#waiting.find((each) => each.thread === thread && each.seq === seq);
    clearTimeout(one?.timer);
    this.#waiting = this.#waiting.filter((each) => each !== one);
    return one !== undefined;
  }
}
