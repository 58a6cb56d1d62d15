import { byId } from "../lib/dom.js";

/**
 * Said by a screen reader, once, also when it is the same as before.
 * @param {string} words about a chat
 */
export const say = (words) => byId("chat-news").replaceChildren(words);
