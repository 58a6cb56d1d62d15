// What was sent and is on its way into the outbox's store, which takes a moment: a page that is left in that moment
// loses nothing, because this is written before the composer is emptied.

import { local } from "../lib/storage.js";

const prefix = (owner) => `duet:handover:${owner}:`;

export class Handover {
  constructor(owner) {
    this.prefix = prefix(owner);
  }

  /** Every record that was put and not dropped, as they were written. */
  all() {
    return local.keys(this.prefix).map((key) => local.recall(key, null)).filter(Boolean);
  }

  /** record: one of the outbox; its client_id (UUIDv7) is its place in the order. */
  put(record) {
    local.remember(this.prefix + record.client_id, record);
  }

  drop(clientId) {
    local.remove(this.prefix + clientId);
  }
}

export function wipeHandover(owner) {
  for (const key of local.keys(prefix(owner))) local.remove(key);
}
