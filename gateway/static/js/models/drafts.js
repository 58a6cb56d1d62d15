// What was typed and not sent, per thread; survives a reload, wiped at logout.

import { local } from "../lib/storage.js";

/** @param {string} owner a username */
const prefix = (owner) => `duet:draft:${owner}:`;

export class Drafts {
  /** @param {string} owner a username */
  constructor(owner) {
    this.prefix = prefix(owner);
  }

  /** @param {string} thread */
  get(thread) {
    return local.get(this.prefix + thread) ?? "";
  }

  /**
   * @param {string} thread
   * @param {string} text
   */
  set(thread, text) {
    if (text) local.set(this.prefix + thread, text);
    else local.remove(this.prefix + thread);
  }
}

/** @param {string} owner a username */
export function wipeDrafts(owner) {
  for (const key of local.keys(prefix(owner))) local.remove(key);
}
