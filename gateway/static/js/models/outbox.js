import { Emitter } from "../lib/emitter.js";
import { sentence } from "../lib/text.js";
import { uuid7 } from "../lib/uuid.js";
import { afterRestoring, isMessage, isWaiting, overtaken, textOf } from "./entries.js";
import * as browserDb from "./outbox_db.js";
import { Outgoing } from "./outgoing.js";
import { NO_LOG, Shelf } from "./shelf.js";

const STUCK_MS = 5000;

/** @import { Body, Entry, Kind, Next, Written } from "./entries.js" */
/** @import { Frame } from "./outgoing.js" */
/** @import { Db } from "./shelf.js" */
/** @import { Tabs } from "./tabs.js" */

/**
 * What this user wrote and changed and the log has not acknowledged, in order per thread. Emits "change" with the thread's username.
 * @extends {Emitter<{ change: string }>}
 */
export class Outbox extends Emitter {
  /** @type {Entry[]} */
  entries = [];
  #owner;
  #shelf;
  #tabs;
  #outgoing;
  #log;
  #leading = false;
  #connection = 0;
  #connected = false;
  /** Whether another tab, or an earlier page, may have sent what is found in the store. */
  #inherits = true;
  /** @type {Set<string>} client_ids of what a relay may have got */
  #given = new Set();
  /**
   * What is to become of messages, by their client_id: another tab may hear first that the log has one.
   * @type {Map<string, { thread: string, next: Next }>}
   */
  #nexts = new Map();
  /** @type {Map<string, number | null>} seqs of what is done with, by client_id; null for what was taken out */
  #settled = new Map();
  /** @type {number | null} a timer */
  #stuck = null;

  /**
   * @param {object} parts
   * @param {string} parts.owner a username
   * @param {Tabs} parts.tabs
   * @param {(frame: Frame) => boolean} parts.send whether it went out
   * @param {string | null} parts.log the id last known
   * @param {Db} [parts.db]
   */
  constructor({ owner, tabs, send, log, db = browserDb }) {
    super();
    this.#owner = owner;
    this.#shelf = new Shelf(owner, db);
    this.#tabs = tabs;
    const give = (/** @type {Frame} */ frame) => {
      const given = send(frame);
      if (given) this.#given.add(frame.client_id);
      return given;
    };
    this.#outgoing = new Outgoing({ send: give, flush: (thread) => this.#flush(thread) });
    this.#log = log ?? NO_LOG;
    tabs.on("outbox", () => this.#reload());
    tabs.whenLeading((leading) => {
      this.#leading = leading;
      this.#inherits = true;
      this.#reload();
    });
    this.ready = this.#recover();
  }

  /** @param {string} thread */
  of(thread) {
    return this.entries.filter((entry) => entry.thread === thread);
  }

  /** What the log has not acknowledged. */
  get unsent() {
    return this.entries.filter(({ sent }) => sent === null);
  }

  /**
   * @param {string} thread
   * @param {string} text
   * @param {number} [replyTo] the seq of the message that it answers
   */
  async send(thread, text, replyTo) {
    await this.#write({ ...fresh(thread), text, ...(replyTo && { reply_to: replyTo }) });
  }

  /**
   * Changes a message. One that has no seq yet is named by its client_id, and cannot be reacted to. → the change's
   * client_id, or null when that message was taken out.
   * @param {string} thread
   * @param {Kind} kind
   * @param {Omit<Body, "target"> & { target: number | string }} body
   */
  change(thread, kind, { target, ...body }) {
    const own = fresh(thread);
    const entry = typeof target === "string" ? this.#find(target) : undefined;
    if (entry && isMessage(entry) && entry.sent === null) {
      const next = { client_id: own.client_id, kind, ...body };
      this.#nexts.set(entry.client_id, { thread, next });
      this.#revise(entry, { next });
      return own.client_id;
    }
    const seq = typeof target === "string" ? (entry?.sent ?? this.#settled.get(target)) : target;
    if (!seq) return null;
    this.#write({ ...own, kind, body: { target: seq, ...body } });
    return own.client_id;
  }

  /**
   * Sends what failed again, as the last in its thread.
   * @param {string} clientId
   */
  async retry(clientId) {
    const entry = this.#find(clientId);
    if (!entry?.failed) return;
    this.entries = [...this.entries.filter((other) => other !== entry), entry];
    entry.failed = null;
    entry.created_at = new Date().toISOString();
    this.emit("change", entry.thread);
    await this.#shelf.requeue(this.#record(entry), { failed: null, created_at: entry.created_at });
    this.#tabs.tell("outbox");
    this.#flush(entry.thread);
  }

  /**
   * Takes out what a person wants to edit or to be rid of. → its text.
   * @param {string} clientId
   */
  remove(clientId) {
    const entry = this.#find(clientId);
    if (!entry) return null;
    this.#drop(entry);
    this.#flush(entry.thread);
    return textOf(entry);
  }

  /**
   * The log holds it at `seq`, and this page has come to there. False if it was not waiting here.
   * @param {string} clientId
   * @param {number} seq
   */
  arrived(clientId, seq) {
    const entry = this.#settle(clientId, seq);
    if (!entry) return false;
    this.entries = this.entries.filter((other) => other !== entry);
    this.emit("change", entry.thread);
    this.#flush(entry.thread);
    return true;
  }

  /**
   * The log holds it at `seq`, which this page has not reached yet.
   * @param {string} clientId
   * @param {number} seq
   */
  acknowledged(clientId, seq) {
    const entry = this.#settle(clientId, seq);
    if (!entry) return;
    entry.sent = seq;
    this.emit("change", entry.thread);
    this.#flush(entry.thread);
  }

  /**
   * A `rejected` frame says that it was not stored.
   * @param {string} clientId
   * @param {Wire.ProblemDocument} problem
   */
  rejected(clientId, problem) {
    if (problem.retry) {
      this.#outgoing.postponed(clientId);
      return;
    }
    this.#outgoing.answered(clientId);
    const entry = this.#find(clientId);
    if (entry?.sent !== null) return;
    if (entry.kind === "delete" && problem.code === "gone") this.remove(clientId);
    else this.fail(clientId, sentence(problem.detail || problem.title));
  }

  /**
   * It stays, for a person to decide; but nobody misses a reaction.
   * @param {string} clientId
   * @param {string} why a sentence
   */
  async fail(clientId, why) {
    const entry = this.#find(clientId);
    if (!entry) return;
    this.#outgoing.answered(clientId);
    if (entry.kind === "reaction") this.remove(clientId);
    else await this.#revise(entry, { failed: why });
  }

  /**
   * Connected to the log `log`. adopt: it was restored in the place of the one known before, and goes on with the entries.
   * @param {string} log
   * @param {boolean} adopt
   */
  async connected(log, adopt) {
    const connection = ++this.#connection;
    const before = this.#log;
    this.#log = log;
    if (adopt && before !== log && before !== NO_LOG) {
      this.entries = this.entries.flatMap((entry) => afterRestoring(entry) ?? []);
      await this.#shelf.adopt(before, log);
    }
    await this.#shelf.claim(log);
    if (connection !== this.#connection) return;
    this.#connected = true;
    this.#outgoing.begin();
    await this.#reload();
  }

  disconnected() {
    this.#connection += 1;
    this.#connected = false;
    this.#outgoing.end();
    this.#unwatch();
  }

  async #recover() {
    await this.#shelf.recover();
    await this.#reload();
  }

  #takeStrays() {
    for (const { owner, log, ...own } of this.#shelf.strays(this.#log)) {
      if (this.#settled.has(own.client_id) || this.#find(own.client_id)) continue;
      this.entries.push({ ...own, sent: null });
      this.#given.add(own.client_id);
      this.emit("change", own.thread);
    }
  }

  /** @param {Written} own */
  async #write(own) {
    if (this.#settled.has(own.client_id) || this.#find(own.client_id)) return;
    const entry = { ...own, sent: null };
    this.entries.push(entry);
    if (!this.#leading) this.#given.add(own.client_id);
    await this.#keep(own.thread, this.#shelf.add(this.#record(entry)));
  }

  /**
   * Changes an entry, here and in the store.
   * @param {Entry} entry
   * @param {{ failed: string } | { next: Next } | { text: string, next: null }} changes
   */
  async #revise(entry, changes) {
    Object.assign(entry, changes);
    await this.#keep(entry.thread, this.#shelf.update(this.#record(entry), changes));
  }

  /**
   * Shows what is new in a thread, and sends it once it is stored.
   * @param {string} thread
   * @param {Promise<void>} stored
   */
  async #keep(thread, stored) {
    this.emit("change", thread);
    this.#flush(thread);
    await stored;
    this.#tabs.tell("outbox");
    this.#flush(thread);
  }

  /** @param {Entry} entry */
  #record({ sent, ...own }) {
    return { ...own, owner: this.#owner, log: this.#log };
  }

  /** @param {string} clientId */
  #find(clientId) {
    return this.entries.find((entry) => entry.client_id === clientId);
  }

  /**
   * Notes where it is in the log. What it is to become goes after it.
   * @param {string} clientId
   * @param {number} seq
   */
  #settle(clientId, seq) {
    const entry = this.#find(clientId);
    const told = this.#nexts.get(clientId);
    const next = entry && isMessage(entry) && entry.next ? entry.next : told?.next;
    const thread = entry?.thread ?? told?.thread;
    if (entry && isMessage(entry)) entry.next = null;
    this.#nexts.delete(clientId);
    if (next && thread !== undefined) {
      const { client_id, kind, ...body } = next;
      this.#write({ ...fresh(thread), client_id, kind, body: { target: seq, ...body } });
    }
    this.#forget(clientId, seq);
    if (!entry) return null;
    this.#outgoing.advanced(entry.thread);
    this.#unwatch();
    return entry;
  }

  /**
   * Takes an entry out that the log does not hold.
   * @param {Entry} entry
   */
  #drop(entry) {
    this.#forget(entry.client_id, null);
    this.entries = this.entries.filter((other) => other !== entry);
    this.#unwatch();
    this.emit("change", entry.thread);
  }

  /**
   * @param {string} clientId
   * @param {number | null} seq
   */
  #forget(clientId, seq) {
    this.#outgoing.answered(clientId);
    this.#given.delete(clientId);
    if (this.#settled.has(clientId)) return;
    this.#settled.set(clientId, seq);
    if (!this.#find(clientId)) return;
    const gone = this.#shelf.remove(clientId);
    if (seq === null) gone.then(() => this.#tabs.tell("outbox")); // of the log the other tabs hear themselves
  }

  /** Takes over what is in the store: other tabs add messages too, and mark them as failed. */
  async #reload() {
    const inherits = this.#inherits || !this.#leading;
    this.#takeStrays();
    const records = await this.#shelf.all();
    if (records) {
      const stored = records.filter(({ log, client_id }) => log === this.#log && !this.#settled.has(client_id));
      const known = new Map(this.entries.map((entry) => [entry.client_id, entry]));
      const sent = this.entries.filter((entry) => entry.sent !== null);
      const unsaved = this.entries.filter(({ client_id, sent }) => sent === null && this.#shelf.isBehind(client_id));
      const keptIds = new Set([...sent, ...unsaved].map(({ client_id }) => client_id));
      for (const record of stored) {
        const isDone = isMessage(record) && !record.next && !keptIds.has(record.client_id);
        if (isDone) this.#nexts.delete(record.client_id);
      }
      for (const { client_id } of stored) if (inherits && !keptIds.has(client_id)) this.#given.add(client_id);
      if (this.#leading) this.#inherits &&= !inherits;
      const saved = stored
        .filter(({ client_id }) => !keptIds.has(client_id))
        .map((record) => Object.assign(known.get(record.client_id) ?? { sent: null }, record));
      const threads = new Set([...this.entries, ...saved].map(({ thread }) => thread));
      this.entries = [...sent, ...this.#among(saved, unsaved)];
      for (const thread of threads) this.emit("change", thread);
    }
    for (const thread of new Set(this.entries.map((entry) => entry.thread))) this.#flush(thread);
  }

  /**
   * Those that only this page holds keep their places before what was written after them.
   * @param {Entry[]} saved
   * @param {Entry[]} unsaved
   */
  #among(saved, unsaved) {
    const merged = [...saved];
    for (const entry of unsaved) {
      const later = new Set(this.entries.slice(this.entries.indexOf(entry) + 1));
      const at = merged.findIndex((other) => later.has(other));
      merged.splice(at < 0 ? merged.length : at, 0, entry);
    }
    return merged;
  }

  /**
   * Sends what waits in `thread`, if this tab is the one that sends.
   * @param {string} thread
   */
  #flush(thread) {
    if (this.#leading) this.#tidy(thread);
    if (!this.#connected) return;
    if (!this.#leading) {
      this.#watch();
      return;
    }
    this.#outgoing.flush(thread, this.of(thread).filter(isWaiting), this.#shelf.unsaved);
  }

  /**
   * What no relay ever got becomes at once what was made of it since, and goes if nothing is left of it.
   * @param {string} thread
   */
  #tidy(thread) {
    const entries = this.of(thread).filter(({ sent }) => sent === null);
    const isFree = (/** @type {Entry} */ { client_id, failed }) => failed || !this.#given.has(client_id);
    for (const entry of overtaken(entries).filter(isFree)) this.#drop(entry);
    for (const entry of entries.filter(isFree)) {
      if (!isMessage(entry) || !entry.next) continue;
      this.#nexts.delete(entry.client_id);
      if (entry.next.kind === "delete") this.#drop(entry);
      else this.#revise(entry, { text: entry.next.text ?? entry.text, next: null });
    }
  }

  /** This tab is connected: it takes the lead if what waits is not sent in time. */
  #watch() {
    this.#stuck ??= setTimeout(() => {
      this.#stuck = null;
      if (!this.#leading && this.entries.some(isWaiting)) this.#tabs.takeLead();
    }, STUCK_MS);
  }

  /** Something was sent, or the connection is gone: the wait starts over. */
  #unwatch() {
    clearTimeout(this.#stuck ?? undefined);
    this.#stuck = null;
  }
}

/**
 * The beginning of an entry.
 * @param {string} thread
 */
const fresh = (thread) => ({ client_id: uuid7(), thread, created_at: new Date().toISOString(), failed: null });
