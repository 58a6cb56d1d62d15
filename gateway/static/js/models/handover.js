// Entries on their way into the outbox's store, which takes a moment. They are written here before the composer is
// emptied, so a page that is left in that moment loses nothing.

import { local } from "../lib/storage.js";

/** @import { Kept } from "./entries.js" */

/** @param {string} owner a username */
const prefix = (owner) => `duet:handover:${owner}:`;

export class Handover {
  /** @param {string} owner a username */
  constructor(owner) {
    this.prefix = prefix(owner);
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

  /** @param {string} key */
  #at(key) {
    return /** @type {Kept | null} */ (local.recall(key, null));
  }
}
