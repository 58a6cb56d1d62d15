/** @import { History } from "../models/history.js" */
/** @import { Thread } from "../models/thread.js" */

/** Loads the messages of the open thread, and knows how that went. */
export class LogLoader {
  failed = false;
  /** @type {Thread | null} */
  #thread = null;

  /**
   * @param {object} parts
   * @param {HTMLElement} parts.log
   * @param {History} parts.history
   * @param {() => void} parts.onLoaded or failed
   */
  constructor({ log, history, onLoaded }) {
    this.log = log;
    this.history = history;
    this.onLoaded = onLoaded;
  }

  /** @param {Thread | null} thread */
  open(thread) {
    this.#thread = thread;
    this.failed = false;
  }

  async newest() {
    await this.#try((username) => this.history.newest(username));
  }

  async older() {
    this.log.setAttribute("aria-busy", "true");
    await this.#try((username) => this.history.older(username));
  }

  /**
   * Loads older messages until `seq` is held. Whether it is, and its thread still the open one.
   * @param {number} seq
   */
  async reach(seq) {
    const thread = this.#thread;
    if (!thread) return false;
    const isHeld = () => thread.complete || (thread.messages[0]?.seq ?? Infinity) <= seq;
    while (thread === this.#thread && thread.loaded && !isHeld() && !this.failed) await this.older();
    return thread === this.#thread && isHeld();
  }

  /**
   * Notes how it went, if its thread is still the open one.
   * @param {(username: string) => Promise<void>} load
   */
  async #try(load) {
    const thread = this.#thread;
    if (!thread) return;
    this.failed = false;
    const failed = await load(thread.username).then(
      () => false,
      () => true,
    );
    if (thread !== this.#thread) return;
    this.failed = failed;
    this.onLoaded();
  }
}
