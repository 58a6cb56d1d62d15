import { summary } from "../lib/attached.js";
import { filesOf, textOf } from "./entries.js";

/** @import { History } from "./history.js" */
/** @import { Outbox } from "./outbox.js" */
/** @import { Store } from "./store.js" */
/**
 * Whose message it is, and its text; null: it is deleted. said: the same with what is attached, in words. bare: nothing
 * is attached.
 * @typedef {{ name: string, text: string | null, said: string, bare: boolean }} Quoted
 */

/**
 * Says what a message says now that is answered or edited: null while nobody knows. It is found by its seq, or by its
 * client_id where it had none when somebody began; by now it may be in the log.
 * @param {object} parts
 * @param {string} parts.me
 * @param {Store} parts.store
 * @param {Outbox} parts.outbox
 * @param {Pick<History, "quote">} parts.history
 * @param {(username: string) => Record<string, string>} parts.namesOf the display names of a thread's two members
 * @returns {(username: string, target: number | string) => Quoted | null}
 */
export function quotations({ me, store, outbox, history, namesOf }) {
  /**
   * @param {string} username
   * @param {string} clientId
   */
  function written(username, clientId) {
    const entry = outbox.of(username).find(({ client_id }) => client_id === clientId);
    return entry
      ? { sender: me, text: textOf(entry), attachments: filesOf(entry) }
      : store.thread(username).runs.written(me, clientId);
  }

  return (username, target) => {
    const thread = store.thread(username);
    const message = typeof target === "number" ? thread.hold(target) : written(username, target);
    if (typeof target === "number" && !message && !thread.quoted.has(target)) {
      history.quote(username, target);
      return null;
    }
    const name = namesOf(username)[message?.sender ?? ""] ?? "";
    return {
      name,
      text: message?.text ?? null,
      said: message ? summary(message) : "",
      bare: !message?.attachments?.length,
    };
  };
}
