import { knownWorker } from "./worker_registration.js";

/** @import { Store } from "./store.js" */

const TOGETHER_MS = 1000;

/** Closes the notices of what has been read, here or on another device. */
export class Notices {
  /** @type {number | null} */
  #timer = null;

  /** @param {Store} store */
  constructor(store) {
    this.store = store;
    store.on("thread", () => {
      this.#timer ??= setTimeout(() => this.#look().catch(console.warn), TOGETHER_MS);
    });
  }

  async #look() {
    this.#timer = null;
    if (globalThis.Notification?.permission !== "granted") return; // asked late: a browser needs milliseconds to say
    const registration = await knownWorker();
    for (const notice of (await registration?.getNotifications()) ?? []) {
      const { thread, seq = Infinity } = notice.data ?? {};
      if (thread && this.store.thread(thread).read >= seq) notice.close();
    }
  }
}
