// Other texts of messages, as far as typed: by thread, in this tab alone. They survive a reload.

import { session } from "../lib/storage.js";

/**
 * target: the seq of a message, or its client_id where it has none yet.
 * @typedef {{ target: number | string, text: string }} Edit
 */

export class Edits {
  /** @type {Map<string, Edit | null>} by thread; null: none */
  #edits = new Map();

  /** @param {string} owner a username */
  constructor(owner) {
    this.prefix = `duet:edit:${owner}:`;
  }

  /** @param {string} thread */
  get(thread) {
    if (!this.#edits.has(thread)) this.#edits.set(thread, this.#kept(thread));
    return this.#edits.get(thread) ?? null;
  }

  /**
   * @param {string} thread
   * @param {Edit} edit the next page does not know of one without a seq what has become of it
   */
  set(thread, edit) {
    this.#edits.set(thread, edit);
    if (typeof edit.target === "number") session.remember(this.prefix + thread, edit);
    else session.remove(this.prefix + thread);
  }

  /**
   * Whether there was one.
   * @param {string} thread
   */
  end(thread) {
    const was = this.get(thread) !== null;
    this.#edits.set(thread, null);
    session.remove(this.prefix + thread);
    return was;
  }

  /**
   * @param {string} thread
   * @returns {Edit | null}
   */
  #kept(thread) {
    const kept = /** @type {Partial<Edit> | null} */ (session.recall(this.prefix + thread, null));
    const { target, text } = kept ?? {};
    return typeof target === "number" && typeof text === "string" ? { target, text } : null;
  }
}
