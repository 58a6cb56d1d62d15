/** @import { Store } from "./store.js" */
/** @import { Thread } from "./thread.js" */

const READ_WITHIN_MS = 1000;
const OTHERS_MS = 3000;

/**
 * Tells that the peers' messages have come to this browser, in all threads: those that nobody reads at once, together
 * for as long as that takes. One of the tabs does it; the others do where they hear nothing of it.
 */
export class Deliveries {
  /** @type {number | null} */
  #timer = null;

  /**
   * @param {object} parts
   * @param {Store} parts.store
   * @param {(frame: Wire.DeliveredUpTo) => boolean} parts.send whether it went out; if not, the next welcome says how it stands
   * @param {() => boolean} parts.leads whether this tab is the one that sends
   */
  constructor({ store, send, leads }) {
    this.store = store;
    this.send = send;
    this.leads = leads;
    store.on("thread", (username) => this.#look(username));
  }

  /** @param {string} username */
  #look(username) {
    const isTold = this.#untold(this.store.thread(username)) === 0;
    if (!isTold) this.#timer ??= setTimeout(() => this.#tell(), this.leads() ? READ_WITHIN_MS : OTHERS_MS);
    else if (this.#timer !== null && !this.store.all.some((thread) => this.#untold(thread))) this.#stop();
  }

  /** What comes next has its own time to be read. */
  #stop() {
    clearTimeout(this.#timer ?? undefined);
    this.#timer = null;
  }

  #tell() {
    this.#timer = null;
    for (const thread of this.store.all) {
      const seq = this.#untold(thread);
      if (seq && this.send({ type: "delivered", thread: thread.username, seq })) thread.delivered.toMe(seq);
    }
  }

  /** @param {Thread} thread */
  #untold({ delivered, read }) {
    return delivered.untold(read);
  }
}
