// The outbox on disk: IndexedDB, one record an entry not yet acknowledged, in the order it was written.

import { committed, Database, done } from "./database.js";

/** @import { Kept } from "./entries.js" */
/** @typedef {Kept & { order: number }} Stored order: its key */

const STORE = "outbox";

const database = new Database("duet", (created) => {
  const store = created.createObjectStore(STORE, { keyPath: "order", autoIncrement: true });
  store.createIndex("client_id", "client_id", { unique: true });
  store.createIndex("owner", "owner");
});

/**
 * @template Result
 * @param {IDBTransactionMode} mode
 * @param {(records: IDBObjectStore) => Promise<Result>} use
 */
const using = (mode, use) => database.using([STORE], mode, (transaction) => use(transaction.objectStore(STORE)));

/**
 * Every record of a user, in order.
 * @param {string} owner
 * @returns {Promise<Stored[]>}
 */
export const all = (owner) => using("readonly", (records) => done(records.index("owner").getAll(owner)));

/**
 * Stores a record; done when a page that ends now would not lose it. A ConstraintError: it is there already.
 * @param {Kept & { order?: number }} entry
 */
export const add = ({ order, ...fresh }) =>
  using("readwrite", (records) => {
    records.add(fresh);
    return committed(records.transaction);
  });

/**
 * Changes a record if it is still there: what was acknowledged or wiped meanwhile stays gone. → whether it was there.
 * @param {string} clientId
 * @param {{ [Field in "log" | "failed" | "text" | "next" | "kind" | "body" | "reply_to" | "files"]?: unknown }} changes
 */
export const update = (clientId, changes) =>
  using("readwrite", async (records) => {
    const record = await done(records.index("client_id").get(clientId));
    if (record) await done(records.put({ ...record, ...changes }));
    return record !== undefined;
  });

/**
 * Changes a record and makes it the last in the order.
 * @param {string} clientId
 * @param {Partial<Kept>} changes
 */
export const requeue = (clientId, changes) =>
  using("readwrite", async (records) => {
    const record = await done(records.index("client_id").get(clientId));
    if (!record) return;
    const { order, ...fresh } = { ...record, ...changes };
    await done(records.delete(order));
    await done(records.add(fresh));
  });

/**
 * Removes a record. → the record as it was, if there was one.
 * @param {string} clientId
 * @returns {Promise<Stored | undefined>}
 */
export const remove = (clientId) =>
  using("readwrite", async (records) => {
    const record = await done(records.index("client_id").get(clientId));
    if (record) await done(records.delete(record.order));
    return record;
  });

/**
 * Removes all records but those of somebody.
 * @param {string | null} [but] a username
 */
export const wipe = (but = null) =>
  using("readwrite", async (records) => {
    const all = await done(records.getAll());
    for (const { owner, order } of all) if (owner !== but) records.delete(order);
    await committed(records.transaction);
  });
