// Messages on their way into the outbox's store, which takes a moment. They are written here before the composer is
// emptied, so a page that is left in that moment loses nothing.

import { local } from "../lib/storage.js";

/** @import { Message } from "./outbox_db.js" */

/** @param {string} owner a username */
const prefix = (owner) => `duet:handover:${owner}:`;

export class Handover {
  /** @param {string} owner a username */
  constructor(owner) {
    this.prefix = prefix(owner);
  }

  /** Every message that was put and not dropped, as they were written. */
  all() {
    const messages = local.keys(this.prefix).map((key) => /** @type {Message | null} */ (local.recall(key, null)));
    return messages.filter((message) => message !== null);
  }

  /** @param {Message} message its client_id (UUIDv7) is its place in the order */
  put(message) {
    local.remember(this.prefix + message.client_id, message);
  }

  /** @param {string} clientId */
  drop(clientId) {
    local.remove(this.prefix + clientId);
  }
}

/** @param {string} owner a username */
export function wipeHandover(owner) {
  for (const key of local.keys(prefix(owner))) local.remove(key);
}
