// The outbox on disk: IndexedDB, one record a message not yet acknowledged, in the order it was written.

const NAME = "duet";
const STORE = "outbox";

const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

const committed = (transaction) =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });

let opened = null;

function open() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      const store = request.result.createObjectStore(STORE, { keyPath: "order", autoIncrement: true });
      store.createIndex("client_id", "client_id", { unique: true });
      store.createIndex("owner", "owner");
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  opened.catch(() => (opened = null));
  return opened;
}

async function store(mode) {
  return (await open()).transaction(STORE, mode).objectStore(STORE);
}

/** Every record {order, owner, log, thread, client_id, text, created_at, failed} of a user, in order. */
export const all = async (owner) => done((await store("readonly")).index("owner").getAll(owner));

/** Stores a record; done when a page that ends now would not lose it. A ConstraintError: it is there already. */
export async function add(record) {
  const { order, ...fresh } = record;
  const records = await store("readwrite");
  records.add(fresh);
  await committed(records.transaction);
}

/** Changes a record if it is still there: what was acknowledged or wiped meanwhile stays gone. */
export async function update(clientId, changes) {
  const records = await store("readwrite");
  const record = await done(records.index("client_id").get(clientId));
  if (record) await done(records.put({ ...record, ...changes }));
}

/** Changes a record and makes it the last in the order. */
export async function requeue(clientId, changes) {
  const records = await store("readwrite");
  const record = await done(records.index("client_id").get(clientId));
  if (!record) return;
  const { order, ...fresh } = { ...record, ...changes };
  await done(records.delete(order));
  await done(records.add(fresh));
}

export async function remove(clientId) {
  const records = await store("readwrite");
  const order = await done(records.index("client_id").getKey(clientId));
  if (order !== undefined) await done(records.delete(order));
}

export async function wipe(owner) {
  const records = await store("readwrite");
  for (const order of await done(records.index("owner").getAllKeys(owner))) records.delete(order);
  await committed(records.transaction);
}
