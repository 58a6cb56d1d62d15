import * as api from "../net/api.js";

/** @import { Store } from "./store.js" */

const looked = new Set();

/**
 * Asks whether somebody is online whom the socket says nothing about: it only tells of people one has a thread with.
 * Once for each person, and again when the first message has made the thread.
 * @param {Store} store
 * @param {string} username
 */
export async function lookUp(store, username, { again = false } = {}) {
  const thread = store.thread(username);
  if (!again && (thread.online || thread.last_seen || looked.has(username))) return;
  looked.add(username);
  const { users } = await api.users({ query: username, limit: 10 });
  const person = users.find((user) => user.username === username);
  // A presence frame that came meanwhile is newer than the list.
  if (person) store.person(thread.online ? { ...person, online: true } : person);
}
