import * as api from "../net/api.js";

const PAGE = 50;
const MAX_PAGE = 200;
const CONTEXT = 20;

/** Loads the messages of threads, newest page first, then backwards. */
export class History {
  #loading = new Map();
  #epoch = 0;

  constructor(store, socket) {
    this.store = store;
    this.socket = socket;
  }

  /** Loads the newest page unless it is there. Reaches back to the first unread one where a page can. */
  newest(username) {
    const thread = this.store.thread(username);
    if (thread.loaded) return Promise.resolve();
    const limit = Math.min(MAX_PAGE, Math.max(PAGE, thread.unread && thread.head - thread.read + CONTEXT));
    return this.#once(`newest ${username}`, () => api.messages(username, { limit }), ({ messages, head }) => {
      thread.applyNewest(messages, head, messages.length < limit);
      this.socket.hold(username, head);
    }, username);
  }

  older(username) {
    const thread = this.store.thread(username);
    if (!thread.loaded || thread.complete) return Promise.resolve();
    const before = thread.messages[0].seq;
    return this.#once(`older ${username}`, () => api.messages(username, { before, limit: PAGE }), ({ messages }) => {
      thread.applyOlder(messages, messages.length < PAGE);
    }, username);
  }

  /** What is under way belongs to a log that is no more. */
  forget() {
    this.#epoch += 1;
    this.#loading.clear();
  }

  /** One request of a kind at a time; its answer counts unless everything was forgotten meanwhile. */
  #once(key, request, apply, username) {
    if (this.#loading.has(key)) return this.#loading.get(key);
    const epoch = this.#epoch;
    const run = async () => {
      try {
        const page = await request();
        if (epoch !== this.#epoch) return;
        apply(page);
        this.store.changed(username);
      } finally {
        if (epoch === this.#epoch) this.#loading.delete(key);
      }
    };
    const promise = run();
    this.#loading.set(key, promise);
    return promise;
  }
}
