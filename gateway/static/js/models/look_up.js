import * as api from "../net/api.js";

const looked = new Set();

/** Asks once whether someone is here with whom there is no thread yet: the socket tells only of the others. */
export async function lookUp(store, username) {
  const thread = store.thread(username);
  if (thread.exists || thread.online || thread.last_seen || looked.has(username)) return;
  looked.add(username);
  const { users } = await api.users({ query: username, limit: 10 });
  const person = users.find((user) => user.username === username);
  if (person && !thread.exists) store.person(person);
}
