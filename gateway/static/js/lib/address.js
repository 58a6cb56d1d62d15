// What the address of the chat says: whose thread is open, and perhaps which of its messages is meant.

/** @param {string | null} username */
export const path = (username) => (username === null ? "/messages" : `/messages/${username}`);

/**
 * The whole address of a message.
 * @param {string} username
 * @param {number} seq
 */
export const linkTo = (username, seq) => new URL(`${path(username)}#m-${seq}`, location.href).href;

/**
 * The address of a thread in which somebody is to write next, also where a field does not take the focus by itself.
 * @param {string} username
 */
export const toWrite = (username) => `${path(username)}#write`;

export const isToWrite = () => location.hash === "#write";

export const fromPath = () => location.pathname.split("/")[2] || null;

/** The seq of the message that is meant, or 0. */
export const linked = () => Number(/^#m-(\d+)$/.exec(location.hash)?.[1] ?? 0);

/** Whether the address asks for a new chat: a shortcut of the app. */
export const isToBegin = () => new URLSearchParams(location.search).has("new-chat");

/** What another app gave to Duet, one thing a line; "" where it is another page. */
export function sharedText() {
  if (location.pathname !== "/share") return "";
  const given = new URLSearchParams(location.search);
  const parts = ["title", "text", "url"].map((name) => given.get(name)?.trim() ?? "");
  const isSaid = (/** @type {string} */ part, /** @type {number} */ at) =>
    parts.some((other, by) => by !== at && other.includes(part) && (other !== part || by < at));
  return parts.filter((part, at) => part && !isSaid(part, at)).join("\n");
}
