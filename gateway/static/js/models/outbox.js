import { Emitter } from "../lib/emitter.js";
import { sentence } from "../lib/text.js";
import { uuid7 } from "../lib/uuid.js";
import { Handover } from "./handover.js";
import * as browserDb from "./outbox_db.js";
import { Outgoing } from "./outgoing.js";

const STUCK_MS = 5000;
const NO_LOG = "";

/** @import { Message } from "./outbox_db.js" */
/** @import { Tabs } from "./tabs.js" */
/** @typedef {Pick<typeof browserDb, "all" | "add" | "update" | "requeue" | "remove">} Db */
/**
 * sent: its seq, while an acknowledged message waits for its turn in the log.
 * @typedef {Omit<Message, "owner" | "log"> & { sent: number | null }} Entry
 */

/** @param {Entry} entry */
const isWaiting = ({ failed, sent }) => !failed && sent === null;

/**
 * What this user wrote and the log has not acknowledged, in order per thread. Emits "change" with the thread's username.
 * @extends {Emitter<{ change: string }>}
 */
export class Outbox extends Emitter {
  /** @type {Entry[]} */
  entries = [];
  #owner;
  #db;
  #handover;
  #tabs;
  #outgoing;
  #log;
  #leading = false;
  #connection = 0;
  #connected = false;
  /** @type {Set<string>} client_ids, as the next two */
  #unsaved = new Set();
  /** @type {Set<string>} */
  #unstored = new Set();
  /** @type {Set<string>} */
  #settled = new Set();
  /** @type {Message[]} what an earlier page could not store, and this one neither */
  #strays = [];
  /** @type {number | null} a timer */
  #stuck = null;

  /**
   * @param {object} parts
   * @param {string} parts.owner a username
   * @param {Tabs} parts.tabs
   * @param {(frame: Wire.Send) => boolean} parts.send whether it went out
   * @param {string | null} parts.log the id last known
   * @param {Db} [parts.db]
   */
  constructor({ owner, tabs, send, log, db = browserDb }) {
    super();
    this.#owner = owner;
    this.#db = db;
    this.#handover = new Handover(owner);
    this.#tabs = tabs;
    this.#outgoing = new Outgoing({ send, flush: (thread) => this.#flush(thread) });
    this.#log = log ?? NO_LOG;
    tabs.on("outbox", () => this.#reload());
    tabs.whenLeading((leading) => {
      this.#leading = leading;
      this.#reload();
    });
    this.ready = this.#recover();
  }

  /** @param {string} thread */
  of(thread) {
    return this.entries.filter((entry) => entry.thread === thread);
  }

  /** The client_ids of what the log has not acknowledged. */
  get unsent() {
    return this.entries.filter((entry) => entry.sent === null).map(({ client_id }) => client_id);
  }

  /**
   * @param {string} thread
   * @param {string} text
   */
  async add(thread, text) {
    const entry = { client_id: uuid7(), thread, text, created_at: new Date().toISOString(), failed: null, sent: null };
    const { sent, ...own } = entry;
    const record = { ...own, owner: this.#owner, log: this.#log };
    this.#handover.put(record); // before anything that waits: the page may be gone in the next moment
    this.entries.push(entry);
    this.#unsaved.add(entry.client_id);
    this.emit("change", thread);
    if (!(await this.#store(record))) this.#unstored.add(entry.client_id);
    this.#unsaved.delete(entry.client_id);
    this.#tabs.tell("outbox");
    this.#flush(thread);
  }

  /**
   * Sends a failed message again, as the last in its thread.
   * @param {string} clientId
   */
  async retry(clientId) {
    const entry = this.#find(clientId);
    if (!entry?.failed) return;
    this.entries = [...this.entries.filter((other) => other !== entry), entry];
    entry.failed = null;
    entry.created_at = new Date().toISOString();
    this.emit("change", entry.thread);
    await this.#db.requeue(clientId, { failed: null, created_at: entry.created_at }).catch(console.warn);
    this.#tabs.tell("outbox");
    this.#flush(entry.thread);
  }

  /**
   * Takes a message out, to be edited or because its turn in the log has come. → its text.
   * @param {string} clientId
   */
  remove(clientId) {
    const entry = this.#find(clientId);
    this.#forget(clientId);
    if (!entry) return null;
    this.#outgoing.advanced(entry.thread);
    this.entries = this.entries.filter((other) => other !== entry);
    this.#unwatch();
    this.emit("change", entry.thread);
    this.#flush(entry.thread);
    return entry.text;
  }

  /**
   * The log holds the message at `seq`, which this page has not reached yet.
   * @param {string} clientId
   * @param {number} seq
   */
  acknowledged(clientId, seq) {
    const entry = this.#find(clientId);
    this.#forget(clientId);
    if (!entry) return;
    this.#outgoing.advanced(entry.thread);
    entry.sent = seq;
    this.#unwatch();
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
    if (this.#find(clientId)?.sent === null) this.fail(clientId, sentence(problem.detail || problem.title));
  }

  /**
   * @param {string} clientId
   * @param {string} why a sentence
   */
  async fail(clientId, why) {
    const entry = this.#find(clientId);
    if (!entry) return;
    this.#outgoing.answered(clientId);
    entry.failed = why;
    this.emit("change", entry.thread);
    this.#flush(entry.thread);
    await this.#db.update(clientId, { failed: why }).catch(console.warn);
    this.#tabs.tell("outbox");
  }

  /**
   * Connected to the log `log`. adopt: it continues the one known before, and so do the entries.
   * @param {string} log
   * @param {boolean} adopt
   */
  async connected(log, adopt) {
    const connection = ++this.#connection;
    const before = this.#log;
    this.#log = log;
    const mine = (/** @type {Message} */ record) => record.log === NO_LOG || (adopt && record.log === before);
    for (const record of this.#strays.filter(mine)) record.log = log;
    for (const record of await this.#db.all(this.#owner).catch(() => [])) {
      if (mine(record) && record.log !== log) await this.#db.update(record.client_id, { log }).catch(console.warn);
    }
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

  /** Takes over what an earlier page had no time to store, or no room. */
  async #recover() {
    for (const record of this.#handover.all()) if (!(await this.#store(record))) this.#strays.push(record);
    await this.#reload();
  }

  #takeStrays() {
    for (const { owner, log, ...own } of this.#strays) {
      if (log !== this.#log || this.#settled.has(own.client_id) || this.#find(own.client_id)) continue;
      this.entries.push({ ...own, sent: null });
      this.#unstored.add(own.client_id);
      this.emit("change", own.thread);
    }
  }

  /**
   * Whether the record is in the store. Without one (a private window, a full disk) it is still sent.
   * @param {Message} record
   */
  async #store(record) {
    try {
      await this.#db.add(record);
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== "ConstraintError") {
        console.warn("Duet: the outbox is not stored", error);
        return false;
      }
    }
    this.#handover.drop(record.client_id);
    return true;
  }

  /** @param {string} clientId */
  #find(clientId) {
    return this.entries.find((entry) => entry.client_id === clientId);
  }

  /** @param {string} clientId */
  #forget(clientId) {
    this.#outgoing.answered(clientId);
    if (this.#settled.has(clientId)) return;
    this.#settled.add(clientId);
    if (!this.#find(clientId)) return;
    this.#handover.drop(clientId);
    this.#db.remove(clientId).catch(console.warn);
  }

  /** Takes over what is in the store: other tabs add messages too, and mark them as failed. */
  async #reload() {
    this.#takeStrays();
    const records = await this.#db.all(this.#owner).catch(() => null);
    if (records) {
      const stored = records.filter(({ log, client_id }) => log === this.#log && !this.#settled.has(client_id));
      const known = new Map(this.entries.map((entry) => [entry.client_id, entry]));
      const sent = this.entries.filter((entry) => entry.sent !== null);
      const isHereOnly = (/** @type {Entry} */ { client_id }) =>
        this.#unsaved.has(client_id) || this.#unstored.has(client_id);
      const unsaved = this.entries.filter((entry) => entry.sent === null && isHereOnly(entry));
      const keptIds = new Set([...sent, ...unsaved].map(({ client_id }) => client_id));
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
    if (!this.#connected) return;
    if (!this.#leading) {
      this.#watch();
      return;
    }
    this.#outgoing.flush(thread, this.of(thread).filter(isWaiting), this.#unsaved);
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
