import { isApp } from "../lib/badge.js";
import { idle } from "../lib/schedule.js";
import { fromFrame, isChange } from "./changes.js";
import * as browserDb from "./kept_db.js";

/** @import { Durable } from "../net/socket.js" */
/** @import { ChangeFrame } from "./changes.js" */
/** @import { About, KeptThread } from "./kept_db.js" */
/** @import { Store } from "./store.js" */
/** @import { Thread } from "./thread.js" */
/** @typedef {Pick<typeof browserDb, "begin" | "noteApp" | "replace" | "write" | "prune">} Db */
/** @typedef {{ head: number, complete: boolean }} Reach head: up to where nothing is missing */

const TOGETHER_MS = 1000;
const SETTLED_MS = 3000;
const MOST_AT_ONCE = 100;
const MOST_WAITING = 2000;

/**
 * Keeps the latest threads and the last of their messages for a start without a network: what this page sees, a moment
 * later and many together; and what it has not seen, when there is nothing better to do. A text that is deleted, or was
 * before an edit, leaves at once.
 */
export class Keeper {
  #me;
  #store;
  #load;
  #leads;
  #db;
  /** @type {About | null} null: nothing is kept */
  #about = null;
  /** @type {Map<string, Reach>} what is kept, by thread */
  #kept = new Map();
  /** @type {Map<string, string>} what was written last of each */
  #written = new Map();
  /** @type {Set<string>} threads */
  #changed = new Set();
  /** @type {(Wire.Message | ChangeFrame)[]} in order */
  #news = [];
  /** @type {{ username: string, frames: Durable[] } | null} what comes while a thread is loaded */
  #loading = null;
  #filling = false;
  /** @type {{ write?: number, fill?: number }} */
  #timers = {};

  /**
   * @param {object} parts
   * @param {string} parts.me
   * @param {Store} parts.store
   * @param {(username: string, limit: number) => Promise<Wire.Messages>} parts.load the newest messages
   * @param {() => boolean} parts.leads whether this tab loads what none has seen
   * @param {Db} [parts.db]
   */
  constructor({ me, store, load, leads, db = browserDb }) {
    this.#me = me;
    this.#store = store;
    this.#load = load;
    this.#leads = leads;
    this.#db = db;
    store.on("thread", (username) => this.#kept.has(username) && this.#soon(username));
  }

  /**
   * Connected to the log `log`.
   * @param {string} log
   */
  async connected(log) {
    if (this.#about?.log !== log) {
      this.#forget();
      const about = { owner: this.#me, log };
      const threads = await this.#db.begin(about);
      if (isApp()) await this.#db.noteApp();
      this.#about = about;
      for (const { username, head, complete } of threads) this.#kept.set(username, { head, complete });
    }
    this.#fillLater();
  }

  /**
   * The next of the log of its thread.
   * @param {Durable} frame
   */
  applied(frame) {
    if (!this.#about) return;
    if (this.#loading?.username === frame.thread) this.#loading.frames.push(frame);
    const kept = this.#kept.get(frame.thread);
    if (!kept || frame.seq > kept.head + 1) {
      this.#kept.delete(frame.thread);
      this.#fillLater();
    } else if (frame.seq > kept.head) {
      kept.head = frame.seq;
      this.#take(frame);
    }
  }

  /** Writes at once what waits: the page may be gone in a moment. */
  now() {
    this.#write(Infinity);
  }

  /** The person leaves: nothing is kept any more, until there is a connection. */
  rest() {
    this.#about = null;
    this.#forget();
  }

  #forget() {
    clearTimeout(this.#timers.write);
    clearTimeout(this.#timers.fill);
    this.#timers = {};
    this.#news = [];
    for (const each of [this.#kept, this.#written, this.#changed]) each.clear();
  }

  /** @param {Durable} frame */
  #take(frame) {
    if (frame.type === "message") this.#news.push(fromFrame(frame));
    else if (isChange(frame)) this.#news.push(frame);
    if (this.#news.length > MOST_WAITING) this.#giveUp();
    this.#soon(frame.thread);
    if (frame.type === "event" && (frame.kind === "delete" || frame.kind === "edit")) this.#write(Infinity);
  }

  /** More comes than can be written beside all else: it is fetched when that is over. */
  #giveUp() {
    for (const { thread } of this.#news) this.#kept.delete(thread);
    this.#news = [];
    this.#fillLater();
  }

  /** @param {string} username */
  #soon(username, afterMs = TOGETHER_MS) {
    this.#changed.add(username);
    this.#timers.write ??= setTimeout(async () => {
      await idle();
      this.#write(MOST_AT_ONCE);
    }, afterMs);
  }

  /** @param {number} most */
  #write(most) {
    clearTimeout(this.#timers.write);
    this.#timers.write = undefined;
    if (!this.#about) return;
    const news = this.#news.splice(0, most);
    const threads = [...this.#changed].flatMap((username) => this.#summary(username) ?? []);
    this.#changed.clear();
    if (this.#news.length) this.#soon(this.#news[0].thread, 0);
    if (!news.length && !threads.length) return;
    const messages = news.flatMap((one) => ("kind" in one ? [] : one));
    const changes = news.flatMap((one) => ("kind" in one ? one : []));
    this.#db.write(this.#about, { threads, messages, changes }).then((done) => done || this.rest(), console.warn);
  }

  /**
   * What the list of chats says of it, if that is news.
   * @param {string} username
   * @returns {KeptThread | null}
   */
  #summary(username) {
    const reach = this.#kept.get(username);
    if (!reach) return null;
    const { display_name, read, peer_read, unread } = this.#store.thread(username);
    const summary = { username, display_name, read, peer_read, unread, ...reach };
    const words = JSON.stringify(summary);
    if (this.#written.get(username) === words) return null;
    this.#written.set(username, words);
    return summary;
  }

  #fillLater() {
    this.#timers.fill ??= setTimeout(async () => {
      await idle();
      this.#timers.fill = undefined;
      this.#fill().catch(console.warn);
    }, SETTLED_MS);
  }

  /** Loads what is missing, one thread after the other, and lets go of those that are among the latest no more. */
  async #fill() {
    if (this.#filling || !this.#about || !this.#leads()) return;
    this.#filling = true;
    try {
      const latest = this.#latest();
      for (const { username } of latest.filter((thread) => this.#misses(thread))) {
        await this.#fetch(username);
        await idle();
      }
      const usernames = new Set(latest.map(({ username }) => username));
      for (const username of this.#kept.keys()) if (!usernames.has(username)) this.#kept.delete(username);
      if (this.#about) await this.#db.prune(this.#about, usernames);
    } finally {
      this.#filling = false;
    }
  }

  #latest() {
    const listed = this.#store.all.filter(({ exists, archived }) => exists && !archived);
    const time = (/** @type {Thread} */ { last_message }) => last_message?.sent_at ?? "";
    listed.sort((one, other) => (time(one) < time(other) ? 1 : -1));
    return listed.slice(0, browserDb.THREADS);
  }

  /** @param {Thread} thread */
  #misses({ username, head }) {
    return (this.#kept.get(username)?.head ?? 0) < head;
  }

  /** @param {string} username */
  async #fetch(username) {
    const about = this.#about;
    const loading = { username, frames: /** @type {Durable[]} */ ([]) };
    this.#loading = loading;
    const page = await this.#load(username, browserDb.MESSAGES).finally(() => {
      this.#loading = null;
    });
    if (!about || about !== this.#about) return; // of another log, or nobody's
    this.#write(Infinity); // what is older must not come after it
    this.#kept.set(username, { head: page.head, complete: !page.more });
    const summary = this.#summary(username);
    if (summary) await this.#db.replace(about, summary, page.messages);
    for (const frame of loading.frames) this.applied(frame);
  }
}
