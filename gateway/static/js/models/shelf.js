// What the browser keeps of an outbox, so that other tabs and the next page can go on with it.

import { afterRestoring } from "./entries.js";
import { Handover } from "./handover.js";

/** @import * as browserDb from "./outbox_db.js" */
/** @import { Entry, Kept } from "./entries.js" */
/** @typedef {Pick<typeof browserDb, "all" | "add" | "update" | "requeue" | "remove">} Db */

/** Of what is written before any log is known. */
const NO_LOG = "";

/** Nothing fails here: what a browser does not keep (a private window, a full disk) is held by the page alone. */
export class Shelf {
  #owner;
  #log;
  #db;
  #handover;
  /** @type {Kept[]} what an earlier page could not store, and this one neither */
  #strays = [];
  /** @type {Map<string, number>} how often each is being stored, by client_id */
  #storing = new Map();
  /** @type {Set<string>} client_ids */
  #unstored = new Set();

  /**
   * @param {object} parts
   * @param {string} parts.owner a username
   * @param {string | null} parts.log the id last known
   * @param {Db} parts.db
   */
  constructor({ owner, log, db }) {
    this.#owner = owner;
    this.#log = log ?? NO_LOG;
    this.#db = db;
    this.#handover = new Handover(owner);
  }

  /** Takes over what an earlier page had no time to store, or no room. */
  async recover() {
    for (const record of this.#handover.all()) {
      if (await this.#add(record)) {
        this.#handover.drop(record.client_id);
      } else {
        this.#strays.push(record);
        this.#unstored.add(record.client_id);
      }
    }
  }

  /** The records of the log, in order; null where the browser does not tell. */
  async all() {
    const records = await this.#everything();
    return records?.filter(({ log }) => log === this.#log) ?? null;
  }

  /** What an earlier page wrote and nothing but this one holds. */
  get strays() {
    return this.#straysOf(this.#log);
  }

  /**
   * Whether what is kept was written for another log.
   * @param {string} log
   */
  isForeign(log) {
    return this.#log !== NO_LOG && this.#log !== log;
  }

  /** By client_id, those that are being stored. */
  get unsaved() {
    return /** @type {{ has(clientId: string): boolean }} */ (this.#storing);
  }

  /**
   * Whether the page knows better than the records what has become of it.
   * @param {string} clientId
   */
  isBehind(clientId) {
    return this.#storing.has(clientId) || this.#unstored.has(clientId);
  }

  /** @param {Entry} entry */
  add(entry) {
    const record = this.#record(entry);
    return this.#store(record, () => this.#add(record));
  }

  /**
   * @param {Entry} entry as it is now
   * @param {Parameters<Db["update"]>[1]} changes what is new in it
   */
  update(entry, changes) {
    return this.#store(this.#record(entry), async () => {
      const isThere = await this.#db.update(entry.client_id, changes);
      return isThere || !changes.next; // another tab removed it, and cannot know what it was still to become
    });
  }

  /**
   * Changes a record and makes it the last one.
   * @param {Entry} entry as it is now
   * @param {{ failed: null, created_at: string }} changes what is new in it
   */
  requeue(entry, changes) {
    return this.#store(this.#record(entry), async () => {
      await this.#db.requeue(entry.client_id, changes);
      return true; // also where another tab removed it
    });
  }

  /** What this page, or one before it, is done with and may be in the store yet: its seq or null, by client_id. */
  get done() {
    return this.#handover.done;
  }

  /**
   * → the record as it was: another tab may have changed it a moment ago. Null if this page knows better.
   * @param {string} clientId
   * @param {number | null} seq where the log holds it; null: it was taken out
   */
  async remove(clientId, seq) {
    const handed = this.#handover.get(clientId);
    const isStored = !this.#unstored.has(clientId);
    if (isStored) this.#handover.putDone(clientId, seq); // before anything that waits: the page may be gone then
    this.#handover.drop(clientId);
    try {
      const stored = await this.#db.remove(clientId);
      this.#handover.dropDone(clientId);
      return handed ?? (isStored ? stored : null);
    } catch (error) {
      console.warn(error);
      return handed;
    }
  }

  /**
   * What is written is for `log` from now on, and so is what was before any log was known.
   * @param {string} log
   * @param {boolean} adopt it was restored in the place of the one before: what was kept for that is for this one, too
   */
  async turnTo(log, adopt) {
    const before = this.#log;
    this.#log = log;
    if (adopt && before !== log && before !== NO_LOG) await this.#adopt(before, log);
    await this.#claim(log);
  }

  /**
   * @param {string} before
   * @param {string} log
   */
  async #adopt(before, log) {
    const adopted = (/** @type {Kept} */ record) => afterRestoring({ ...record, log });
    for (const record of this.#straysOf(before)) {
      const kept = adopted(record);
      this.#strays = this.#strays.flatMap((other) => (other === record ? (kept ?? []) : other));
      if (kept) this.#handover.put(kept);
      else this.#handover.drop(record.client_id);
    }
    for (const record of (await this.#everything()) ?? []) {
      if (record.log !== before) continue;
      const kept = adopted(record);
      await (kept ? this.#db.update(record.client_id, kept) : this.#db.remove(record.client_id)).catch(console.warn);
    }
  }

  /** @param {string} log */
  async #claim(log) {
    for (const record of this.#straysOf(NO_LOG)) {
      record.log = log;
      this.#handover.put(record);
    }
    for (const record of (await this.#everything()) ?? []) {
      if (record.log === NO_LOG) await this.#db.update(record.client_id, { log }).catch(console.warn);
    }
  }

  async #everything() {
    return this.#db.all(this.#owner).catch(() => null);
  }

  /** @param {string} log */
  #straysOf(log) {
    return this.#strays.filter((record) => record.log === log);
  }

  /** @param {Entry} entry */
  #record({ sent, ...own }) {
    return { ...own, owner: this.#owner, log: this.#log };
  }

  /**
   * @param {Kept} record
   * @param {() => Promise<boolean>} store whether it did
   */
  async #store(record, store) {
    const { client_id } = record;
    this.#handover.put(record); // before anything that waits: the page may be gone in the next moment
    this.#storing.set(client_id, (this.#storing.get(client_id) ?? 0) + 1);
    if (!(await store().catch(console.warn))) this.#unstored.add(client_id);
    const others = (this.#storing.get(client_id) ?? 1) - 1;
    if (others) {
      this.#storing.set(client_id, others);
      return;
    }
    this.#storing.delete(client_id);
    if (!this.#unstored.has(client_id)) this.#handover.drop(client_id);
  }

  /**
   * Whether the record is in the database; one that is there already is brought up to date.
   * @param {Kept} record
   */
  async #add(record) {
    try {
      await this.#db.add(record);
      return true;
    } catch (error) {
      if (error instanceof DOMException && error.name === "ConstraintError") {
        await this.#db.update(record.client_id, record).catch(console.warn);
        return true;
      }
      console.warn("Duet: the outbox is not stored", error);
      return false;
    }
  }
}
