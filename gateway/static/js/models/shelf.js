// What the browser keeps of an outbox, so that other tabs and the next page can go on with it.

import { afterRestoring } from "./entries.js";
import { Handover } from "./handover.js";

/** @import * as browserDb from "./outbox_db.js" */
/** @import { Kept } from "./entries.js" */
/** @typedef {Pick<typeof browserDb, "all" | "add" | "update" | "requeue" | "remove">} Db */

/** Of what is written before any log is known. */
export const NO_LOG = "";

/** Nothing fails here: what a browser does not keep (a private window, a full disk) is held by the page alone. */
export class Shelf {
  #owner;
  #db;
  #handover;
  /** @type {Kept[]} what an earlier page could not store, and this one neither */
  #strays = [];
  /** @type {Map<string, number>} how often each is being stored, by client_id */
  #storing = new Map();
  /** @type {Set<string>} client_ids */
  #unstored = new Set();

  /**
   * @param {string} owner a username
   * @param {Db} db
   */
  constructor(owner, db) {
    this.#owner = owner;
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

  /** Every record, in order; null where the browser does not tell. */
  async all() {
    return this.#db.all(this.#owner).catch(() => null);
  }

  /**
   * What is kept nowhere but in this page.
   * @param {string} log
   */
  strays(log) {
    return this.#strays.filter((record) => record.log === log);
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

  /** @param {Kept} record */
  add(record) {
    return this.#store(record, () => this.#add(record));
  }

  /**
   * @param {Kept} record as it is now
   * @param {Parameters<Db["update"]>[1]} changes what is new in it
   */
  update(record, changes) {
    return this.#store(record, async () => {
      await this.#db.update(record.client_id, changes);
      return true;
    });
  }

  /**
   * Changes a record and makes it the last one.
   * @param {Kept} record as it is now
   * @param {{ failed: null, created_at: string }} changes what is new in it
   */
  async requeue(record, changes) {
    if (this.#unstored.has(record.client_id)) this.#handover.put(record);
    await this.#db.requeue(record.client_id, changes).catch(console.warn);
  }

  /** @param {string} clientId */
  async remove(clientId) {
    this.#handover.drop(clientId);
    await this.#db.remove(clientId).catch(console.warn);
  }

  /**
   * Gives the records of a log that is gone to the one restored in its place.
   * @param {string} before
   * @param {string} log
   */
  async adopt(before, log) {
    const adopted = (/** @type {Kept} */ record) => afterRestoring({ ...record, log });
    for (const record of this.strays(before)) {
      const kept = adopted(record);
      this.#strays = this.#strays.flatMap((other) => (other === record ? (kept ?? []) : other));
      if (kept) this.#handover.put(kept);
      else this.#handover.drop(record.client_id);
    }
    for (const record of (await this.all()) ?? []) {
      if (record.log !== before) continue;
      const kept = adopted(record);
      await (kept ? this.#db.update(record.client_id, kept) : this.#db.remove(record.client_id)).catch(console.warn);
    }
  }

  /**
   * Gives what was written before any log was known to the first one.
   * @param {string} log
   */
  async claim(log) {
    for (const record of this.strays(NO_LOG)) {
      record.log = log;
      this.#handover.put(record);
    }
    for (const record of (await this.all()) ?? []) {
      if (record.log === NO_LOG) await this.#db.update(record.client_id, { log }).catch(console.warn);
    }
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
