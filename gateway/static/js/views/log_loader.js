/** @import { History } from "../models/history.js" */
/** @import { Thread } from "../models/thread.js" */
/**
 * A thread as it was opened once: what was under way when another one is opened, or the same again, counts no more.
 * @typedef {object} Opening
 * @property {Thread | null} thread
 * @property {number} going how many places somebody waits to see
 * @property {number} loading how much is under way that is not to be read out when it comes
 */

const WITHIN_PX = 800;

/** Loads the messages of the open thread, and knows how that went. */
export class LogLoader {
  failed = false;
  /** Whether what is to be seen first is there. */
  begun = false;
  /** @type {Opening} */
  #opening = { thread: null, going: 0, loading: 0 };

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
    const { thread: before } = this.#opening;
    if (before) this.history.latest(before.username);
    this.#opening = { thread, going: 0, loading: 0 };
    this.failed = this.begun = false;
  }

  get loading() {
    return this.#opening.loading;
  }

  /** The newest messages, or those around the first unread one where that is far above. */
  async newest() {
    const opening = this.#opening;
    const loaded = await this.#try(async (username) => {
      await this.history.newest(username);
      if (opening === this.#opening && !this.begun && !opening.going) await this.history.unread(username);
    });
    if (loaded && !opening.going) this.begun = true;
  }

  /** Back to the end. */
  latest() {
    const { thread } = this.#opening;
    if (!thread) return;
    this.failed = false;
    this.history.latest(thread.username);
  }

  /** Tries once more what failed. */
  again() {
    this.failed = false;
    if (this.#opening.thread?.loaded) this.fill();
    else this.newest();
  }

  /** Loads what is soon to be seen, above and below. */
  fill() {
    const { thread } = this.#opening;
    if (!thread?.loaded || this.failed) return;
    const { scrollTop, scrollHeight, clientHeight } = this.log;
    if (!thread.complete && scrollTop < WITHIN_PX) this.#more((username) => this.history.older(username));
    const below = scrollHeight - scrollTop - clientHeight;
    if (thread.far && below < WITHIN_PX) this.#more((username) => this.history.newer(username));
  }

  /**
   * Shows what is around `seq`. Whether that went well; null where somebody wanted another place meanwhile.
   * @param {number} seq
   */
  async reach(seq) {
    const opening = this.#opening;
    opening.going += 1;
    let wanted = false;
    const loaded = await this.#more(async (username) => {
      wanted = await this.history.around(username, seq);
    });
    if (opening !== this.#opening) return null;
    opening.going -= 1;
    if (opening.thread?.loaded && !opening.going) this.begun = true;
    return loaded && !wanted ? null : loaded;
  }

  /** @param {(username: string) => Promise<void>} load */
  async #more(load) {
    const opening = this.#opening;
    this.log.setAttribute("aria-busy", "true");
    opening.loading += 1;
    const done = await this.#try(load);
    opening.loading -= 1;
    return done;
  }

  /**
   * Notes how it went. Whether it went well, and the thread has not been left since.
   * @param {(username: string) => Promise<void>} load
   */
  async #try(load) {
    const opening = this.#opening;
    if (!opening.thread) return false;
    this.failed = false;
    const failed = await load(opening.thread.username).then(
      () => false,
      () => true,
    );
    if (opening !== this.#opening) return false;
    this.failed = failed;
    this.onLoaded();
    return !failed;
  }
}
