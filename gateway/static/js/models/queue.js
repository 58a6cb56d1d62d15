import { Emitter } from "../lib/emitter.js";
import { uuid7 } from "../lib/uuid.js";
import { afterRestoring, isMessage, merged, overtaken } from "./entries.js";
import { Shelf } from "./shelf.js";

/** @import { Entry, File, Next, Written } from "./entries.js" */
/** @import { Lead } from "./lead.js" */
/** @import { Db } from "./shelf.js" */
/** @import { Tabs } from "./tabs.js" */

/**
 * What waits to be sent, in order, here and in the store that the tabs share. Emits, with a thread's username, "change"
 * when it looks different and "stored" when more of it may be sent; and "gone" with an entry that is done with.
 * @extends {Emitter<{ change: string, stored: string, gone: Entry }>}
 */
export class Queue extends Emitter {
  /** @type {Entry[]} */
  entries = [];
  /** Whether another tab, or an earlier page, may have sent what is found in the store. */
  inherits = true;
  #shelf;
  #tabs;
  #lead;
  /** @type {Set<string>} client_ids of what a relay may have got */
  #given = new Set();
  /** @type {Map<string, number | null>} seqs of what is done with, by client_id; null for what was taken out */
  #settled;

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
    this.#shelf = new Shelf({ owner, log, db });
    this.#tabs = tabs;
    this.#lead = lead;
    this.#settled = this.#shelf.done;
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
    await this.#keep(own.thread, this.#shelf.add(entry));
  }

  /**
   * Changes an entry.
   * @param {Entry} entry
   * @param {{ failed: string } | { next: Next } | { text: string, next: null } | { files: File[] }} changes
   */
  async revise(entry, changes) {
    Object.assign(entry, changes);
    await this.#keep(entry.thread, this.#shelf.update(entry, changes));
  }

  /**
   * Makes an entry that failed the last one, to be sent again.
   * @param {Entry} entry
   */
  async requeue(entry) {
    const changes = { failed: null, created_at: new Date().toISOString() };
    this.entries = [...this.entries.filter((other) => other !== entry), Object.assign(entry, changes)];
    await this.#keep(entry.thread, this.#shelf.requeue(entry, changes));
  }

  /**
   * The log holds it at `seq`. What it is to become goes after it. → the entry; it stays until this page has come there.
   * @param {string} clientId
   * @param {number} seq
   * @param {boolean} reached
   */
  settle(clientId, seq, reached) {
    const entry = this.find(clientId);
    if (entry) this.#follow(entry, seq);
    this.#forget(clientId, seq);
    if (!entry) return null;
    if (isMessage(entry)) entry.next = null;
    if (reached) this.entries = this.entries.filter((other) => other !== entry);
    else entry.sent = seq;
    this.emit("gone", entry);
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
    this.emit("gone", entry);
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
      if (entry.next.kind === "delete") this.drop(entry);
      else this.revise(entry, { text: entry.next.text ?? entry.text, next: null });
    }
  }

  /** Takes over what an earlier page had no time to store, or to take out. */
  async recover() {
    for (const [clientId, seq] of this.#shelf.done) await this.#remove(clientId, seq);
    await this.#shelf.recover();
    this.inherits = true;
  }

  /**
   * All of it is for the log `log` from now on. adopt: what waited for the one known before is, too.
   * @param {string} log
   * @param {boolean} adopt
   */
  async turnTo(log, adopt) {
    if (this.#shelf.isForeign(log)) {
      for (const clientId of this.#settled.keys()) this.#settled.set(clientId, null); // its place was in the other log
      if (adopt) this.entries = this.entries.flatMap((entry) => afterRestoring(entry) ?? []);
    }
    await this.#shelf.turnTo(log, adopt);
  }

  /** Takes over what is in the store: other tabs add entries too, and mark them as failed. */
  async reload() {
    const inherits = this.inherits || !this.#lead.held;
    this.#takeStrays();
    const records = await this.#shelf.all();
    if (!records) return;
    for (const { client_id } of records) {
      const seq = this.#settled.get(client_id);
      if (seq) this.#remove(client_id, seq);
    }
    const sent = this.entries.filter((entry) => entry.sent !== null);
    const unsaved = this.entries.filter((entry) => entry.sent === null && this.#shelf.isBehind(entry.client_id));
    const keptIds = new Set([...sent, ...unsaved].map(({ client_id }) => client_id));
    const news = records.filter(({ client_id }) => !this.#settled.has(client_id) && !keptIds.has(client_id));
    for (const { client_id } of inherits ? news : []) this.give(client_id);
    if (this.#lead.held) this.inherits &&= !inherits;
    const known = new Map(this.entries.map((entry) => [entry.client_id, entry]));
    const saved = news.map((record) => Object.assign(known.get(record.client_id) ?? { sent: null }, record));
    const threads = new Set([...this.entries, ...saved].map(({ thread }) => thread));
    this.entries = [...sent, ...merged(saved, unsaved, this.entries)];
    for (const thread of threads) this.emit("change", thread);
  }

  #takeStrays() {
    for (const { owner, log, ...own } of this.#shelf.strays) {
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

  /**
   * @param {string} clientId
   * @param {number | null} seq
   */
  #forget(clientId, seq) {
    this.#given.delete(clientId);
    if (this.#settled.has(clientId)) return;
    this.#settled.set(clientId, seq);
    if (this.find(clientId)) this.#remove(clientId, seq);
  }

  /**
   * Takes what is done with out of the store, and over what another tab left there to be made of it. Of what the log
   * holds the other tabs hear themselves.
   * @param {string} clientId
   * @param {number | null} seq
   */
  async #remove(clientId, seq) {
    const record = await this.#shelf.remove(clientId, seq);
    if (seq === null) this.#tabs.tell("outbox");
    else if (record) this.#follow(record, seq);
  }

  /**
   * What a message was to become, before the log held it at `seq`, is a change to it now.
   * @param {Written} entry
   * @param {number} seq
   */
  #follow(entry, seq) {
    if (!isMessage(entry) || !entry.next) return;
    const { client_id, kind, ...body } = entry.next;
    this.add({ ...fresh(entry.thread), client_id, kind, body: { target: seq, ...body } });
  }
}

/**
 * The beginning of an entry.
 * @param {string} thread
 */
export const fresh = (thread) => ({ client_id: uuid7(), thread, created_at: new Date().toISOString(), failed: null });
