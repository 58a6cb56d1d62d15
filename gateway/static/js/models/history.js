import * as api from "../net/api.js";

const PAGE = 50;
const MAX_PAGE = 200;
const CONTEXT = 20;

/** Loads the messages of threads and the games among them, newest page first, then backwards. */
export class History {
  #loading = new Map();
  #epoch = 0;

  constructor({ store, socket, games }) {
    Object.assign(this, { store, socket, games });
  }

  /** Loads the newest page unless it is there. Reaches back to the first unread one where a page can. */
  newest(username) {
    const thread = this.store.thread(username);
    if (thread.loaded) return Promise.resolve();
    const limit = Math.min(MAX_PAGE, Math.max(PAGE, thread.unread && thread.head - thread.read + CONTEXT));
    const apply = ({ messages, head }) => {
      thread.applyNewest(messages, head, messages.length < limit);
      this.socket.hold(username, head);
    };
    return this.#once(`newest ${username}`, { limit }, apply, username);
  }

  older(username) {
    const thread = this.store.thread(username);
    if (!thread.loaded || thread.complete) return Promise.resolve();
    const before = thread.messages[0].seq;
    const apply = ({ messages }) => thread.applyOlder(messages, messages.length < PAGE);
    return this.#once(`older ${username}`, { before, limit: PAGE }, apply, username);
  }

  /** What is under way belongs to a log that is no more. */
  forget() {
    this.#epoch += 1;
    this.#loading.clear();
  }

  /** One page of a kind at a time; it counts unless everything was forgotten meanwhile. */
  #once(key, page, apply, username) {
    if (this.#loading.has(key)) return this.#loading.get(key);
    const epoch = this.#epoch;
    const run = async () => {
      try {
        const answer = await api.messages(username, page);
        if (epoch !== this.#epoch) return;
        // Asked after the messages, so that no change between the two is missed; shown with them.
        const first = answer.messages.length < page.limit ? 1 : answer.messages[0].seq;
        await this.games.span(username, first, page.before === undefined ? null : page.before - 1);
        if (epoch !== this.#epoch) return;
        apply(answer);
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
