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
    const ask = async () => {
      const page = await pageOf(username, { limit: thread.unread ? reach(thread) : PAGE });
      const isUnread = ({ sender, seq }) => sender !== this.store.me && seq > page.read;
      const short = !page.complete && page.messages.length < reach(page) && page.messages.some(isUnread);
      return short ? pageOf(username, { limit: reach(page) }) : page;
    };
    const apply = (page) => {
      thread.applyNewest(page);
      this.socket.hold(username, page.head);
    };
    return this.#once(`newest ${username}`, username, { ask, apply });
  }

  older(username) {
    const thread = this.store.thread(username);
    if (!thread.loaded || thread.complete) return Promise.resolve();
    const before = thread.messages[0].seq;
    const ask = () => pageOf(username, { before, limit: PAGE });
    const apply = ({ messages, complete }) => thread.applyOlder(messages, complete);
    return this.#once(`older ${username}`, username, { ask, apply, to: before - 1 });
  }

  /** What is under way belongs to a log that is no more. */
  forget() {
    this.#epoch += 1;
    this.#loading.clear();
  }

  /** One page of a kind at a time; it counts unless everything was forgotten meanwhile. to: where its games end. */
  #once(key, username, { ask, apply, to = null }) {
    if (this.#loading.has(key)) return this.#loading.get(key);
    const epoch = this.#epoch;
    const run = async () => {
      try {
        const page = await ask();
        if (epoch !== this.#epoch) return;
        // Asked after the messages, so that no change between the two is missed; shown with them.
        await this.games.span(username, page.complete ? 1 : page.messages[0].seq, to);
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

/** How many messages reach from the end to the first unread one, as far as a page can. */
const reach = ({ head, read }) => Math.min(MAX_PAGE, Math.max(PAGE, head - read + CONTEXT));

/** A page of messages; complete: whether there is nothing before it. */
async function pageOf(username, query) {
  const page = await api.messages(username, query);
  return { ...page, complete: page.messages.length < query.limit };
}
