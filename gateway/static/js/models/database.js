// A database of the browser (IndexedDB), with promises.

const ANSWER_WITHIN_MS = 2000;

/**
 * @template Result
 * @param {IDBRequest<Result>} request
 * @returns {Promise<Result>}
 */
export const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/**
 * @param {IDBTransaction} transaction
 * @returns {Promise<void>}
 */
export const committed = (transaction) =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });

export class Database {
  #name;
  #create;
  #withinMs;
  /** @type {Promise<IDBDatabase> | null} */
  #opened = null;
  #silent = false;

  /**
   * @param {string} name
   * @param {(database: IDBDatabase) => void} create makes its stores
   * @param {number} withinMs how long an answer may take
   */
  constructor(name, create, withinMs = ANSWER_WITHIN_MS) {
    this.#name = name;
    this.#create = create;
    this.#withinMs = withinMs;
  }

  /**
   * What `use` of a transaction comes to, or an error where the database does not answer in time. Until it does, nobody
   * waits for it again; what is asked meanwhile is done then, in the same order.
   * @template Result
   * @param {string[]} stores
   * @param {IDBTransactionMode} mode
   * @param {(transaction: IDBTransaction) => Promise<Result>} use
   * @returns {Promise<Result>}
   */
  using(stores, mode, use) {
    const answer = this.#open().then((database) => use(database.transaction(stores, mode)));
    return new Promise((resolve, reject) => {
      const late = () => {
        this.#silent = true;
        reject(new Error("The browser's database does not answer"));
      };
      const timer = setTimeout(late, this.#silent ? 0 : this.#withinMs);
      answer.then(resolve, reject).finally(() => {
        this.#silent = false;
        clearTimeout(timer);
      });
    });
  }

  #open() {
    this.#opened ??= new Promise((resolve, reject) => {
      const request = indexedDB.open(this.#name, 1);
      request.onupgradeneeded = () => this.#create(request.result);
      request.onsuccess = () => {
        const database = request.result;
        database.onclose = () => {
          this.#opened = null;
        };
        // Another page wants to upgrade or delete it, and would have to wait for this one.
        database.onversionchange = () => {
          this.#opened = null;
          database.close();
        };
        resolve(database);
      };
      request.onerror = () => reject(request.error);
    });
    this.#opened.catch(() => {
      this.#opened = null;
    });
    return this.#opened;
  }
}
