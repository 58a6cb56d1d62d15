// What a start without a network shows: the latest threads and the last of their messages, as this browser saw them.
// One person's; who writes says whose, and what is not theirs is left alone.

import { applied } from "./changes.js";
import { committed, Database, done } from "./database.js";

/** @import { ChangeFrame } from "./changes.js" */

/** How many threads, and how many messages of each. */
export const THREADS = 20;
export const MESSAGES = 200;
const MOST_MESSAGES = 250; // beyond, all but the last MESSAGES go

const EVERY = ["about", "threads", "messages"];

/** @typedef {{ owner: string, log: string }} About log: the id of the log that all of it is of */
/**
 * @typedef {object} KeptThread
 * @property {string} username
 * @property {string} display_name
 * @property {number} head up to where nothing is missing
 * @property {number} read
 * @property {number} peer_read
 * @property {number} unread
 * @property {boolean} complete whether there is nothing before the messages kept
 */
/** @typedef {{ threads: KeptThread[], messages: Wire.Message[], changes: ChangeFrame[] }} News in the order of the log */

const database = new Database("duet-kept", (created) => {
  created.createObjectStore("about");
  created.createObjectStore("threads", { keyPath: "username" });
  created.createObjectStore("messages", { keyPath: ["thread", "seq"] });
});

/** @param {string} username */
const all = (username, from = 0) => IDBKeyRange.bound([username, from], [username, Infinity]);

/** @returns {Promise<About | undefined>} */
export const about = () => database.using(["about"], "readonly", (use) => done(use.objectStore("about").get("owner")));

/** @returns {Promise<KeptThread[]>} */
export const threads = () =>
  database.using(["threads"], "readonly", (use) => done(use.objectStore("threads").getAll()));

/**
 * @param {string} username
 * @returns {Promise<Wire.Message[]>} by seq
 */
export const messages = (username) =>
  database.using(["messages"], "readonly", (use) => done(use.objectStore("messages").getAll(all(username))));

/**
 * @param {string} username
 * @returns {Promise<Wire.Message | undefined>}
 */
export const last = (username) =>
  database.using(["messages"], "readonly", async (use) => {
    const cursor = await done(use.objectStore("messages").openCursor(all(username), "prev"));
    return cursor?.value;
  });

/** This browser has Duet as an app, which the worker cannot tell by itself. */
export const noteApp = () =>
  database.using(["about"], "readwrite", (use) => done(use.objectStore("about").put(true, "app")));

/** @returns {Promise<boolean>} */
export const isApp = () =>
  database.using(["about"], "readonly", async (use) => Boolean(await done(use.objectStore("about").get("app"))));

/**
 * From now on what is kept is `own`; what was somebody else's, or of another log, goes. → the threads that are kept.
 * @param {About} own
 * @returns {Promise<KeptThread[]>}
 */
export const begin = (own) =>
  database.using(EVERY, "readwrite", async (use) => {
    const before = await done(use.objectStore("about").get("owner"));
    if (before?.owner !== own.owner || before.log !== own.log) {
      for (const store of EVERY) use.objectStore(store).clear();
      use.objectStore("about").put(own, "owner");
    }
    return done(use.objectStore("threads").getAll());
  });

/**
 * Does something with what is kept, unless it is not (or no longer) `own`. → whether it did.
 * @param {About} own
 * @param {(use: IDBTransaction) => Promise<void> | void} change
 */
const changing = (own, change) =>
  database.using(EVERY, "readwrite", async (use) => {
    const now = await done(use.objectStore("about").get("owner"));
    if (now?.owner !== own.owner || now.log !== own.log) return false;
    await change(use);
    await committed(use);
    return true;
  });

/**
 * Puts a thread in the place of what was kept of it.
 * @param {About} own
 * @param {KeptThread} thread
 * @param {Wire.Message[]} newest
 */
export const replace = (own, thread, newest) =>
  changing(own, (use) => {
    use.objectStore("threads").put(thread);
    use.objectStore("messages").delete(all(thread.username));
    for (const message of newest) use.objectStore("messages").put(message);
  });

/**
 * @param {About} own
 * @param {News} news
 */
export const write = (own, news) =>
  changing(own, async (use) => {
    for (const message of news.messages) use.objectStore("messages").put(message);
    for (const change of news.changes) await revise(use.objectStore("messages"), change);
    for (const thread of news.threads) {
      const many = await done(use.objectStore("messages").count(all(thread.username)));
      if (many > MOST_MESSAGES) await shorten(use, thread.username, many - MESSAGES);
      use.objectStore("threads").put({ ...thread, complete: thread.complete && many <= MOST_MESSAGES });
    }
  });

/**
 * Removes all threads but these.
 * @param {About} own
 * @param {Set<string>} usernames
 */
export const prune = (own, usernames) =>
  changing(own, async (use) => {
    for (const username of await done(use.objectStore("threads").getAllKeys())) {
      if (usernames.has(String(username))) continue;
      use.objectStore("threads").delete(username);
      use.objectStore("messages").delete(all(String(username)));
    }
  });

export const wipe = () =>
  database.using(EVERY, "readwrite", async (use) => {
    for (const store of EVERY) use.objectStore(store).clear();
    await committed(use);
  });

/**
 * @param {IDBObjectStore} messages
 * @param {ChangeFrame} change
 */
async function revise(messages, change) {
  const message = await done(messages.get([change.thread, change.body.target]));
  if (message) messages.put(applied(message, change));
}

/**
 * @param {IDBTransaction} use
 * @param {string} username
 * @param {number} count of the first messages, which go
 */
async function shorten(use, username, count) {
  const messages = use.objectStore("messages");
  const keys = await done(messages.getAllKeys(all(username), count));
  for (const key of keys) messages.delete(key);
}
