/** @import { History } from "../models/history.js" */
/** @import { Thread } from "../models/thread.js" */

const WITHIN_PX = 800;

/** Loads the messages of the open thread, and knows how that went. */
export class LogLoader {
  failed = false;
  /** How much is under way that is not to be read out when it comes. */
  loading = 0;
  /** Whether what is to be seen first is there. */
  begun = false;
  /** How many places somebody waits to see. */
  #going = 0;
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
    this.#thread?.runs.toEnd();
    this.#thread = thread;
    this.failed = this.begun = false;
    this.#going = 0;
  }

  /** The newest messages, or those around the first unread one where that is far above. */
  async newest() {
    const loaded = await this.#try(async (username) => {
      await this.history.newest(username);
      if (!this.begun && !this.#going) await this.history.unread(username);
    });
    if (loaded && !this.#going) this.begun = true;
  }

  /** Back to the end. */
  latest() {
    if (!this.#thread) return;
    this.failed = false;
    this.history.latest(this.#thread.username);
  }

  /** Tries once more what failed. */
  again() {
    this.failed = false;
    if (this.#thread?.loaded) this.fill();
    else this.newest();
  }

  /** Loads what is soon to be seen, above and below. */
  fill() {
    const thread = this.#thread;
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
    const thread = this.#thread;
    this.#going += 1;
    let wanted = false;
    const loaded = await this.#more(async (username) => {
      wanted = await this.history.around(username, seq);
    });
    if (thread !== this.#thread) return null;
    this.#going -= 1;
    if (thread?.loaded && !this.#going) this.begun = true;
    return loaded && !wanted ? null : loaded;
  }

  /** @param {(username: string) => Promise<void>} load */
  async #more(load) {
    this.log.setAttribute("aria-busy", "true");
    this.loading += 1;
    const done = await this.#try(load);
    this.loading -= 1;
    return done;
  }

  /**
   * Notes how it went. Whether it went well, and its thread is still the open one.
   * @param {(username: string) => Promise<void>} load
   */
  async #try(load) {
    const thread = this.#thread;
    if (!thread) return false;
    this.failed = false;
    const failed = await load(thread.username).then(
      () => false,
      () => true,
    );
    if (thread !== this.#thread) return false;
    this.failed = failed;
    this.onLoaded();
    return !failed;
  }
}
