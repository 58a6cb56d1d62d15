import * as api from "../net/api.js";

const looked = new Set();

/** Asks once whether someone is here of whom the socket has not told: it tells of older threads' people only. */
export async function lookUp(store, username) {
  const thread = store.thread(username);
  if (thread.online || thread.last_seen || looked.has(username)) return;
  looked.add(username);
  const { users } = await api.users({ query: username, limit: 10 });
  const person = users.find((user) => user.username === username);
  if (person && !thread.online && !thread.last_seen) store.person(person);
}
