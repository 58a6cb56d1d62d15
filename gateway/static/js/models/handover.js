// What was sent and is on its way into the outbox's store, which takes a moment: a page that is left in that moment
// loses nothing, because this is written before the composer is emptied.

const prefix = (owner) => `duet:handover:${owner}:`;

export class Handover {
  constructor(owner) {
    this.prefix = prefix(owner);
  }

  /** Every record that was put and not dropped, as they were written. */
  all() {
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(this.prefix));
    return keys.sort().map((key) => JSON.parse(localStorage.getItem(key)));
  }

  /** record: one of the outbox; its client_id (UUIDv7) is its place in the order. */
  put(record) {
    try {
      localStorage.setItem(this.prefix + record.client_id, JSON.stringify(record));
    } catch (error) {
      console.warn("Duet: the browser keeps nothing more", error); // it is sent all the same
    }
  }

  drop(clientId) {
    localStorage.removeItem(this.prefix + clientId);
  }
}

export function wipeHandover(owner) {
  for (const key of Object.keys(localStorage)) if (key.startsWith(prefix(owner))) localStorage.removeItem(key);
}
