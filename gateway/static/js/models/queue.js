import { Emitter } from "../lib/emitter.js";
import { uuid7 } from "../lib/uuid.js";
import { afterRestoring, isMessage, merged, overtaken } from "./entries.js";
import { NO_LOG, Shelf } from "./shelf.js";

/** @import { Entry, Kept, Next, Written } from "./entries.js" */
/** @import { Lead } from "./lead.js" */
/** @import { Db } from "./shelf.js" */
/** @import { Tabs } from "./tabs.js" */

/**
 * What waits to be sent, in order, here and in the store that the tabs share. Emits, with a thread's username, "change"
 * when it looks different and "stored" when more of it may be sent.
 * @extends {Emitter<{ change: string, stored: string }>}
 */
export class Queue extends Emitter {
  /** @type {Entry[]} */
  entries = [];
  #owner;
  #shelf;
  #tabs;
  #lead;
  #log;
  /** Whether another tab, or an earlier page, may have sent what is found in the store. */
  inherits = true;
  /** @type {Set<string>} client_ids of what a relay may have got */
  #given = new Set();
  /**
   * What is to become of messages, by their client_id: another tab may hear first that the log has one.
   * @type {Map<string, { thread: string, next: Next }>}
   */
  #nexts = new Map();
  /** @type {Map<string, number | null>} seqs of what is done with, by client_id; null for what was taken out */
  #settled = new Map();

  /**
   * @param {object} parts
   * @param {string} parts.owner a username
   * @param {Tabs} parts.tabs
   * @param {Lead} parts.lead
   * @param {string | null} parts.log the id last known
   * @param {Db} parts.db
   */
  constructor({ owner, tabs, lead, log, db }) {
    super();
    this.#owner = owner;
    this.#shelf = new Shelf(owner, db);
    this.#tabs = tabs;
    this.#lead = lead;
    this.#log = log ?? NO_LOG;
  }

  /** @param {string} thread */
  of(thread) {
    return this.entries.filter((entry) => entry.thread === thread);
  }

  /** @param {string} clientId */
  find(clientId) {
    return this.entries.find((entry) => entry.client_id === clientId);
  }

  /**
   * Where the log holds it, if it waited here and that is known.
   * @param {string} clientId
   */
  seqOf(clientId) {
    return this.find(clientId)?.sent ?? this.#settled.get(clientId);
  }

  /** By client_id, those that are being stored. */
  get unsaved() {
    return this.#shelf.unsaved;
  }

  /**
   * A relay may have got it from now on, and what it says must stay.
   * @param {string} clientId
   */
  give(clientId) {
    this.#given.add(clientId);
  }

  /** @param {Written} own */
  async add(own) {
    if (this.#settled.has(own.client_id) || this.find(own.client_id)) return;
    const entry = { ...own, sent: null };
    this.entries.push(entry);
    if (!this.#lead.held) this.give(own.client_id);
    await this.#keep(own.thread, this.#shelf.add(this.#record(entry)));
  }

  /**
   * Changes an entry.
   * @param {Entry} entry
   * @param {{ failed: string } | { next: Next } | { text: string, next: null }} changes
   */
  async revise(entry, changes) {
    if ("next" in changes && changes.next)
      this.#nexts.set(entry.client_id, { thread: entry.thread, next: changes.next });
    Object.assign(entry, changes);
    await this.#keep(entry.thread, this.#shelf.update(this.#record(entry), changes));
  }

  /**
   * Makes an entry that failed the last one, to be sent again.
   * @param {Entry} entry
   */
  async requeue(entry) {
    const changes = { failed: null, created_at: new Date().toISOString() };
    this.entries = [...this.entries.filter((other) => other !== entry), Object.assign(entry, changes)];
    await this.#keep(entry.thread, this.#shelf.requeue(this.#record(entry), changes));
  }

  /**
   * The log holds it at `seq`. What it is to become goes after it. → the entry; it stays until this page has come there.
   * @param {string} clientId
   * @param {number} seq
   * @param {boolean} reached
   */
  settle(clientId, seq, reached) {
    const entry = this.find(clientId);
    const told = this.#nexts.get(clientId);
    const next = entry && isMessage(entry) && entry.next ? entry.next : told?.next;
    const thread = entry?.thread ?? told?.thread;
    if (entry && isMessage(entry)) entry.next = null;
    this.#nexts.delete(clientId);
    if (next && thread !== undefined) {
      const { client_id, kind, ...body } = next;
      this.add({ ...fresh(thread), client_id, kind, body: { target: seq, ...body } });
    }
    this.#forget(clientId, seq);
    if (!entry) return null;
    if (reached) this.entries = this.entries.filter((other) => other !== entry);
    else entry.sent = seq;
    this.emit("change", entry.thread);
    return entry;
  }

  /**
   * Takes an entry out that the log does not hold.
   * @param {Entry} entry
   */
  drop(entry) {
    this.#forget(entry.client_id, null);
    this.entries = this.entries.filter((other) => other !== entry);
    this.emit("change", entry.thread);
  }

  /**
   * What no relay ever got becomes at once what was made of it since, and goes if nothing is left of it.
   * @param {string} thread
   */
  coalesce(thread) {
    const entries = this.of(thread).filter(({ sent }) => sent === null);
    const isFree = (/** @type {Entry} */ { client_id, failed }) => failed || !this.#given.has(client_id);
    for (const entry of overtaken(entries).filter(isFree)) this.drop(entry);
    for (const entry of entries.filter(isFree)) {
      if (!isMessage(entry) || !entry.next) continue;
      this.#nexts.delete(entry.client_id);
      if (entry.next.kind === "delete") this.drop(entry);
      else this.revise(entry, { text: entry.next.text ?? entry.text, next: null });
    }
  }

  /** Takes over what an earlier page had no time to store. */
  async recover() {
    await this.#shelf.recover();
  }

  /**
   * All of it is for the log `log` from now on. adopt: what waited for the one known before is, too.
   * @param {string} log
   * @param {boolean} adopt
   */
  async turnTo(log, adopt) {
    const before = this.#log;
    this.#log = log;
    if (adopt && before !== log && before !== NO_LOG) {
      this.entries = this.entries.flatMap((entry) => afterRestoring(entry) ?? []);
      await this.#shelf.adopt(before, log);
    }
    await this.#shelf.claim(log);
  }

  /** Takes over what is in the store: other tabs add entries too, and mark them as failed. */
  async reload() {
    const inherits = this.inherits || !this.#lead.held;
    this.#takeStrays();
    const records = await this.#shelf.all();
    if (!records) return;
    const sent = this.entries.filter((entry) => entry.sent !== null);
    const unsaved = this.entries.filter((entry) => entry.sent === null && this.#shelf.isBehind(entry.client_id));
    const keptIds = new Set([...sent, ...unsaved].map(({ client_id }) => client_id));
    const isNews = (/** @type {Kept} */ { log, client_id }) =>
      log === this.#log && !this.#settled.has(client_id) && !keptIds.has(client_id);
    const news = records.filter(isNews);
    for (const record of news) {
      if (isMessage(record) && !record.next) this.#nexts.delete(record.client_id);
      if (inherits) this.give(record.client_id);
    }
    if (this.#lead.held) this.inherits &&= !inherits;
    const known = new Map(this.entries.map((entry) => [entry.client_id, entry]));
    const saved = news.map((record) => Object.assign(known.get(record.client_id) ?? { sent: null }, record));
    const threads = new Set([...this.entries, ...saved].map(({ thread }) => thread));
    this.entries = [...sent, ...merged(saved, unsaved, this.entries)];
    for (const thread of threads) this.emit("change", thread);
  }

  #takeStrays() {
    for (const { owner, log, ...own } of this.#shelf.strays(this.#log)) {
      if (this.#settled.has(own.client_id) || this.find(own.client_id)) continue;
      this.entries.push({ ...own, sent: null });
      this.give(own.client_id);
      this.emit("change", own.thread);
    }
  }

  /**
   * Shows what is new in a thread, and tells of it once it is stored.
   * @param {string} thread
   * @param {Promise<void>} stored
   */
  async #keep(thread, stored) {
    this.emit("change", thread);
    await stored;
    this.#tabs.tell("outbox");
    this.emit("stored", thread);
  }

  /** @param {Entry} entry */
  #record({ sent, ...own }) {
    return { ...own, owner: this.#owner, log: this.#log };
  }

  /**
   * @param {string} clientId
   * @param {number | null} seq
   */
  #forget(clientId, seq) {
    this.#given.delete(clientId);
    if (this.#settled.has(clientId)) return;
    this.#settled.set(clientId, seq);
    if (!this.find(clientId)) return;
    const gone = this.#shelf.remove(clientId);
    if (seq === null) gone.then(() => this.#tabs.tell("outbox")); // of the log the other tabs hear themselves
  }
}

/**
 * The beginning of an entry.
 * @param {string} thread
 */
export const fresh = (thread) => ({ client_id: uuid7(), thread, created_at: new Date().toISOString(), failed: null });
