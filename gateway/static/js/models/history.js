import * as api from "../net/api.js";
import { applied } from "./changes.js";

/** @import { ChangeFrame } from "./changes.js" */
/** @import { Socket } from "../net/socket.js" */
/** @import { GameLoader } from "./game_loader.js" */
/** @import { Store } from "./store.js" */
/** @typedef {Wire.Messages & { complete: boolean }} Page complete: there is nothing before it */

const PAGE = 50;
const MAX_PAGE = 200;
const CONTEXT = 20;

/** Loads the messages of threads, what they answer and the games among them, newest page first, then backwards. */
export class History {
  /** @type {Map<string, Promise<void>>} */
  #loading = new Map();
  #epoch = 0;

  /** @param {{ store: Store, socket: Socket, games: GameLoader }} parts */
  constructor({ store, socket, games }) {
    this.store = store;
    this.socket = socket;
    this.games = games;
    store.on("arrived", ({ thread, reply_to }) => this.quote(thread, reply_to));
  }

  /**
   * Loads the newest page unless it is there. Reaches back to the first unread one where a page can.
   * @param {string} username
   */
  newest(username) {
    const thread = this.store.thread(username);
    if (thread.loaded) return Promise.resolve();
    const ask = async () => {
      const limit = thread.unread ? reach(thread) : PAGE;
      const page = await pageOf(username, { limit });
      const unread = page.messages.some(({ sender, seq }) => sender !== this.store.me && seq > page.read);
      const short = !page.complete && page.messages.length === limit && limit < reach(page);
      return short && unread ? pageOf(username, { limit: reach(page) }) : page;
    };
    const apply = (/** @type {Page} */ page) => {
      thread.applyNewest(page);
      this.socket.hold(username, page.head);
    };
    return this.#once(`newest ${username}`, username, { ask, apply });
  }

  /** @param {string} username */
  older(username) {
    const thread = this.store.thread(username);
    if (!thread.loaded || thread.complete) return Promise.resolve();
    const before = thread.messages[0].seq;
    const ask = () => pageOf(username, { before, limit: PAGE });
    const apply = (/** @type {Page} */ page) => thread.applyOlder(page);
    return this.#once(`older ${username}`, username, { ask, apply, to: before - 1 });
  }

  /**
   * Loads what a message answers, unless it is there.
   * @param {string} username
   * @param {number | null | undefined} seq
   */
  async quote(username, seq) {
    const thread = this.store.thread(username);
    if (!seq || !thread.loaded || thread.find(seq) || thread.quoted.has(seq)) return;
    const ask = () => pageOf(username, { around: seq, limit: 1 });
    const apply = (/** @type {Page} */ { messages: [message] }) => thread.applyQuoted(seq, message);
    await this.#once(`quote ${username} ${seq}`, username, { ask, apply, alone: true }).catch(console.warn);
  }

  /** Drops what is being loaded: it belongs to a log that is gone. */
  forget() {
    this.#epoch += 1;
    this.#loading.clear();
  }

  /**
   * Loads one page of a kind at a time, and drops it if everything was forgotten meanwhile.
   * @param {string} key
   * @param {string} username
   * @param {object} how
   * @param {() => Promise<Page>} how.ask
   * @param {(page: Page) => void} how.apply
   * @param {number} [how.to] where its games end
   * @param {boolean} [how.alone] without its games
   */
  #once(key, username, { ask, apply, to, alone }) {
    const loading = this.#loading.get(key);
    if (loading) return loading;
    const epoch = this.#epoch;
    /** @type {ChangeFrame[]} what changes while the page is under way, which may not have seen it */
    const changes = [];
    const stop = this.store.on("change", (frame) => frame.thread === username && changes.push(frame));
    const run = async () => {
      try {
        const page = await ask();
        if (epoch !== this.#epoch) return;
        // Fetched after the messages, so that no change between the two is missed, but shown together with them.
        if (!alone) await this.games.span(username, page.complete ? 1 : page.messages[0].seq, to);
        if (epoch !== this.#epoch) return;
        apply({ ...page, messages: after(page.messages, changes), quoted: after(page.quoted, changes) });
        this.store.changed(username);
        for (const { reply_to } of page.messages) if (!alone) this.quote(username, reply_to);
      } finally {
        stop();
        if (epoch === this.#epoch) this.#loading.delete(key);
      }
    };
    const promise = run();
    this.#loading.set(key, promise);
    return promise;
  }
}

/**
 * @param {Wire.Message[]} messages
 * @param {ChangeFrame[]} changes
 */
const after = (messages, changes) => messages.map((message) => changes.reduce(applied, message));

/**
 * How many messages reach from the end to the first unread one, as far as a page can.
 * @param {{ head: number, read: number }} thread
 */
const reach = ({ head, read }) => Math.min(MAX_PAGE, Math.max(PAGE, head - read + CONTEXT));

/**
 * @param {string} username
 * @param {{ before?: number, around?: number, limit: number }} query
 * @returns {Promise<Page>}
 */
async function pageOf(username, query) {
  const page = await api.messages(username, query);
  return { ...page, complete: !page.more };
}
