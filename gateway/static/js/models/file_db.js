// The files of the outbox on disk: IndexedDB, until the log has their messages. A database of its own: nothing of them
// must hold up a text.

/** @typedef {{ id: string, owner: string, at: number, blob: Blob }} KeptFile */

const NAME = "duet-files";
const STORE = "files";

/**
 * @template Result
 * @param {IDBTransactionMode} mode
 * @param {(files: IDBObjectStore) => IDBRequest<Result>} use
 * @returns {Promise<Result>}
 */
async function using(mode, use) {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const request = use(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

/** @returns {Promise<IDBDatabase>} */
function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(STORE, { keyPath: "id" });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

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
