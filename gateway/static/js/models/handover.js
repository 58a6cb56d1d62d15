// Entries on their way into the outbox's store or out of it, which takes a moment. They are written here before the
// composer is emptied, so a page that is left in that moment loses nothing; and what is done with is noted here before
// the page shows it, so the next one does not take for unsent what the store still has.

import { local } from "../lib/storage.js";

/** @import { Kept } from "./entries.js" */

/** @param {string} owner a username */
const prefix = (owner) => `duet:handover:${owner}:`;
/** @param {string} owner a username */
const donePrefix = (owner) => `duet:done:${owner}:`;

export class Handover {
  /** @param {string} owner a username */
  constructor(owner) {
    this.prefix = prefix(owner);
    this.donePrefix = donePrefix(owner);
  }

  /** Every entry that was put and not dropped, as they were written. */
  all() {
    const entries = local.keys(this.prefix).map((key) => this.#at(key));
    return entries.filter((entry) => entry !== null);
  }

  /** @param {string} clientId */
  get(clientId) {
    return this.#at(this.prefix + clientId);
  }

  /** @param {Kept} entry its client_id (UUIDv7) is its place in the order */
  put(entry) {
    local.remember(this.prefix + entry.client_id, entry);
  }

  /** @param {string} clientId */
  drop(clientId) {
    local.remove(this.prefix + clientId);
  }

  /** What is on its way out: by client_id its seq in the log, or null for what was taken out. */
  get done() {
    const keys = local.keys(this.donePrefix);
    return new Map(keys.map((key) => [key.slice(this.donePrefix.length), Number(local.get(key)) || null]));
  }

  /**
   * @param {string} clientId
   * @param {number | null} seq
   */
  putDone(clientId, seq) {
    local.set(this.donePrefix + clientId, String(seq ?? ""));
  }

  /** @param {string} clientId */
  dropDone(clientId) {
    local.remove(this.donePrefix + clientId);
  }

  /** @param {string} key */
  #at(key) {
    return /** @type {Kept | null} */ (local.recall(key, null));
  }
}
