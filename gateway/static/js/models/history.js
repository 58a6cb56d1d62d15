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

/**
 * Loads the messages of threads, what they answer and the games among them: newest page first, then backwards; and
 * those around any message, and from there in both directions.
 */
export class History {
  /** @type {Map<string, Promise<void>>} */
  #loading = new Map();
  #epoch = 0;
  /** The last place that somebody wanted to see; earlier ones count no more. */
  #wanted = 0;

  /**
   * @param {object} parts
   * @param {Store} parts.store
   * @param {Socket} parts.socket
   * @param {GameLoader} parts.games
   * @param {(username: string) => Promise<Page | null>} parts.kept the newest messages that the browser has
   * @param {boolean} parts.offline whether those come first: the page itself came from there
   */
  constructor({ store, socket, games, kept, offline }) {
    this.store = store;
    this.socket = socket;
    this.games = games;
    this.kept = kept;
    this.offline = offline;
    store.on("arrived", ({ thread, reply_to }) => this.quote(thread, reply_to));
  }

  /**
   * Loads the newest page unless it is there: from the server, or from what the browser kept where nobody answers.
   * @param {string} username
   */
  async newest(username) {
    if (this.offline && (await this.#takeKept(username))) return;
    try {
      await this.#newest(username);
    } catch (error) {
      if (!(error instanceof api.Unreachable) || !(await this.#takeKept(username))) throw error;
    }
  }

  /**
   * Whether the thread is loaded now. What came since is heard with the next connection.
   * @param {string} username
   */
  async #takeKept(username) {
    const thread = this.store.thread(username);
    const epoch = this.#epoch;
    const page = thread.loaded ? null : await this.kept(username).catch(() => null);
    if (!page || thread.loaded || epoch !== this.#epoch) return thread.loaded;
    thread.applyNewest(page);
    this.socket.hold(username, page.head);
    this.store.changed(username);
    this.games.span(username, startOf(page));
    return true;
  }

  /**
   * Reaches back to the first unread one where a page can.
   * @param {string} username
   */
  #newest(username) {
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
    return this.#once(`newest ${username}`, username, { ask, apply, from: startOf });
  }

  /**
   * Loads what is before the messages shown.
   * @param {string} username
   */
  older(username) {
    const thread = this.store.thread(username);
    if (!thread.loaded || thread.complete) return Promise.resolve();
    const before = thread.runs.shown.from;
    const ask = () => pageOf(username, { before, limit: PAGE });
    const apply = (/** @type {Page} */ page) => thread.applyOlder(before, page);
    return this.#once(`older ${username} ${before}`, username, { ask, apply, from: startOf, to: () => before - 1 });
  }

  /**
   * Loads what is behind the messages shown, if they are not the newest.
   * @param {string} username
   */
  newer(username) {
    const { runs, quoted } = this.store.thread(username);
    if (!runs.far) return Promise.resolve();
    const after = runs.far.to;
    const ask = () => pageOf(username, { after, limit: PAGE });
    const apply = (/** @type {Page} */ page) => {
      runs.newer(after, page.messages, endOf(page));
      quoted.take(page.quoted);
    };
    return this.#once(`newer ${username} ${after}`, username, { ask, apply, from: () => after + 1, to: endOf });
  }

  /**
   * Shows the messages around `seq`, loaded unless they are held. False when somebody wanted another place meanwhile.
   * @param {string} username
   * @param {number} seq
   */
  async around(username, seq) {
    this.#wanted += 1;
    const wanted = this.#wanted;
    const isWanted = () => wanted === this.#wanted;
    const thread = this.store.thread(username);
    await this.newest(username);
    if (isWanted() && thread.loaded && !thread.runs.show(seq)) await this.#far(username, seq, isWanted);
    if (isWanted()) this.store.changed(username);
    return isWanted();
  }

  /**
   * Shows the first unread message, where the newest page does not reach back to it.
   * @param {string} username
   */
  async unread(username) {
    const { unread, read, runs } = this.store.thread(username);
    if (unread && runs.live.from > read + 1) await this.around(username, read + 1);
  }

  /**
   * Loads both sides, so that it is known where each of them ends.
   * @param {string} username
   * @param {number} seq
   * @param {() => boolean} isWanted
   */
  async #far(username, seq, isWanted) {
    const ask = async () => {
      const [before, from] = await Promise.all([
        pageOf(username, { before: seq, limit: PAGE / 2 }),
        pageOf(username, { after: seq - 1, limit: PAGE / 2 }),
      ]);
      const messages = [...before.messages, ...from.messages];
      const quoted = [...before.quoted, ...from.quoted];
      return { ...from, messages, quoted, complete: before.complete, to: endOf(from) };
    };
    const apply = (/** @type {Page & { to: number }} */ page) => {
      if (!isWanted()) return;
      const { runs, quoted } = this.store.thread(username);
      runs.open({ messages: page.messages, from: startOf(page), to: page.to }, seq);
      quoted.take(page.quoted);
    };
    await this.#once(`around ${username} ${this.#wanted}`, username, { ask, apply, from: startOf, to: ({ to }) => to });
  }

  /**
   * Shows the newest messages again.
   * @param {string} username
   */
  latest(username) {
    this.#wanted += 1;
    this.store.thread(username).runs.toEnd();
    this.store.changed(username);
  }

  /**
   * The seq of the first message from a time on; null if there is none.
   * @param {string} username
   * @param {Date} time
   */
  async firstFrom(username, time) {
    const { messages } = await api.messages(username, { at: time.toISOString(), limit: 1 });
    return messages[0]?.seq ?? null;
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
    await this.#once(`quote ${username} ${seq}`, username, { ask, apply }).catch(console.warn);
  }

  /** Asks again for what messages answer and could not be loaded. */
  again() {
    for (const { username, messages } of this.store.all) {
      for (const { reply_to } of messages) this.quote(username, reply_to);
    }
  }

  /** Drops what is being loaded: it belongs to a log that is gone. */
  forget() {
    this.#epoch += 1;
    this.#loading.clear();
  }

  /**
   * Loads one page of a kind at a time, and drops it if everything was forgotten meanwhile.
   * @template {Page} Loaded
   * @param {string} key
   * @param {string} username
   * @param {object} how
   * @param {() => Promise<Loaded>} how.ask
   * @param {(page: Loaded) => void} how.apply
   * @param {(page: Loaded) => number} [how.from] where its games begin, if they are wanted
   * @param {(page: Loaded) => number} [how.to] where they end
   */
  #once(key, username, { ask, apply, from, to }) {
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
        if (from) await this.games.span(username, from(page), to?.(page));
        if (epoch !== this.#epoch) return;
        apply({ ...page, messages: after(page.messages, changes), quoted: after(page.quoted, changes) });
        this.store.changed(username);
        for (const { reply_to } of page.messages) if (from) this.quote(username, reply_to);
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

/** @param {Page} page */
const startOf = ({ complete, messages }) => (complete ? 1 : messages[0].seq);

/**
 * How far a page reaches that was asked for by what is before it.
 * @param {Wire.Messages} page
 */
const endOf = ({ more, messages, head }) => (more ? (messages.at(-1)?.seq ?? head) : head);

/**
 * @param {string} username
 * @param {{ before?: number, after?: number, around?: number, limit: number }} query
 * @returns {Promise<Page>}
 */
async function pageOf(username, query) {
  const page = await api.messages(username, query);
  return { ...page, complete: !page.more };
}
