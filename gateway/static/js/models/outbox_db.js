// The outbox on disk: IndexedDB, one record an entry not yet acknowledged, in the order it was written.

/** @import { Kept } from "./entries.js" */
/** @typedef {Kept & { order: number }} Stored order: its key */

const NAME = "duet";
const STORE = "outbox";
const ANSWER_WITHIN_MS = 2000;

/**
 * @template Result
 * @param {IDBRequest<Result>} request
 * @returns {Promise<Result>}
 */
const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/**
 * @param {IDBTransaction} transaction
 * @returns {Promise<void>}
 */
const committed = (transaction) =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });

/** @type {Promise<IDBDatabase> | null} */
let opened = null;
let silent = false;

function open() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      const store = request.result.createObjectStore(STORE, { keyPath: "order", autoIncrement: true });
      store.createIndex("client_id", "client_id", { unique: true });
      store.createIndex("owner", "owner");
    };
    request.onsuccess = () => {
      const database = request.result;
      database.onclose = () => {
        opened = null;
      };
      // Another page wants to upgrade or delete it, and would have to wait for this one.
      database.onversionchange = () => {
        opened = null;
        database.close();
      };
      resolve(database);
    };
    request.onerror = () => reject(request.error);
  });
  opened.catch(() => {
    opened = null;
  });
  return opened;
}

/**
 * What `use` of the records comes to, or an error where the database does not answer in time. Until it does, nobody
 * waits for it again; what is asked meanwhile is done then, in the same order.
 * @template Result
 * @param {IDBTransactionMode} mode
 * @param {(records: IDBObjectStore) => Promise<Result>} use
 * @returns {Promise<Result>}
 */
function using(mode, use) {
  const answer = open().then((database) => use(database.transaction(STORE, mode).objectStore(STORE)));
  return new Promise((resolve, reject) => {
    const late = () => {
      silent = true;
      reject(new Error("The browser's database does not answer"));
    };
    const timer = setTimeout(late, silent ? 0 : ANSWER_WITHIN_MS);
    answer.then(resolve, reject).finally(() => {
      silent = false;
      clearTimeout(timer);
    });
  });
}

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
 * @param {{ [Field in "log" | "failed" | "text" | "next" | "kind" | "body" | "reply_to"]?: unknown }} changes
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

/** @param {string} owner */
export const wipe = (owner) =>
  using("readwrite", async (records) => {
    for (const order of await done(records.index("owner").getAllKeys(owner))) records.delete(order);
    await committed(records.transaction);
  });
