// The files of the outbox on disk: IndexedDB, until the log has their messages. A database of its own: nothing of them
// must hold up a text.

import { committed, Database, done } from "./database.js";

/** @typedef {{ id: string, owner: string, at: number, blob: Blob }} KeptFile */

const STORE = "files";
const LARGE_WITHIN_MS = 10_000;
const database = new Database(
  "duet-files",
  (created) => created.createObjectStore(STORE, { keyPath: "id" }),
  LARGE_WITHIN_MS,
);

/**
 * @template Result
 * @param {IDBTransactionMode} mode
 * @param {(files: IDBObjectStore) => IDBRequest<Result>} use
 * @returns {Promise<Result>}
 */
const using = (mode, use) =>
  database.using([STORE], mode, async (transaction) => {
    const [result] = await Promise.all([done(use(transaction.objectStore(STORE))), committed(transaction)]);
    return result;
  });

/** @param {KeptFile} file */
export const put = (file) => using("readwrite", (files) => files.put(file));

/**
 * @param {string} id
 * @returns {Promise<KeptFile | undefined>}
 */
export const get = (id) => using("readonly", (files) => files.get(id));

/** @param {string} id */
export const remove = (id) => using("readwrite", (files) => files.delete(id));

/**
 * Removes those of everybody else.
 * @param {string | null} owner a username; null: all of them
 */
export async function wipe(owner) {
  /** @type {KeptFile[]} */
  const all = await using("readonly", (files) => files.getAll());
  for (const file of all) if (file.owner !== owner) await remove(file.id);
}
