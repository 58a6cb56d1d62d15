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
      if (await this.#add(record)) continue;
      this.#strays.push(record);
      this.#unstored.add(record.client_id);
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
    this.#handover.put(record); // before anything that waits: the page may be gone in the next moment
    return this.#store(record.client_id, () => this.#add(record));
  }

  /**
   * @param {string} clientId
   * @param {Parameters<Db["update"]>[1]} changes
   */
  update(clientId, changes) {
    this.#handover.change(clientId, changes);
    return this.#store(clientId, async () => {
      await this.#db.update(clientId, changes);
      return true;
    });
  }

  /**
   * Changes a record and makes it the last one.
   * @param {string} clientId
   * @param {{ failed: null, created_at: string }} changes
   */
  async requeue(clientId, changes) {
    this.#handover.change(clientId, changes);
    await this.#db.requeue(clientId, changes).catch(console.warn);
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
   * @param {string} clientId
   * @param {() => Promise<boolean>} store whether it did
   */
  async #store(clientId, store) {
    this.#storing.set(clientId, (this.#storing.get(clientId) ?? 0) + 1);
    if (!(await store().catch(console.warn))) this.#unstored.add(clientId);
    const others = (this.#storing.get(clientId) ?? 1) - 1;
    if (others) this.#storing.set(clientId, others);
    else this.#storing.delete(clientId);
  }

  /**
   * Whether the record is in the database.
   * @param {Kept} record
   */
  async #add(record) {
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
}
