// What was typed but not sent: one text a thread, the same in every tab. It survives a reload and is wiped at logout.

import { Emitter } from "../lib/emitter.js";
import { local } from "../lib/storage.js";

/** @import { Tabs } from "./tabs.js" */
/** @typedef {{ thread: string, before: string, text: string }} Change */

/** @param {string} owner a username */
const prefix = (owner) => `duet:draft:${owner}:`;

/**
 * Emits what another tab changed in a draft.
 * @extends {Emitter<{ change: Change }>}
 */
export class Drafts extends Emitter {
  #tabs;
  /** @type {Map<string, string>} by thread, where the browser had no room: until the page ends */
  #unkept = new Map();

  /**
   * @param {string} owner a username
   * @param {Pick<Tabs, "on" | "tell">} tabs
   */
  constructor(owner, tabs) {
    super();
    this.prefix = prefix(owner);
    this.#tabs = tabs;
    tabs.on("draft", (change) => {
      this.#look(change);
      this.emit("change", change);
    });
  }

  /** @param {string} thread */
  get(thread) {
    return this.#unkept.get(thread) ?? this.#kept(thread);
  }

  /** @param {Change} change */
  change({ thread, before, text }) {
    if (text) local.set(this.prefix + thread, text);
    else local.remove(this.prefix + thread);
    this.#look({ thread, text });
    this.#tabs.tell("draft", { thread, before, text });
  }

  /** @param {string} thread */
  #kept(thread) {
    return local.get(this.prefix + thread) ?? "";
  }

  /**
   * Holds what the browser did not keep.
   * @param {Pick<Change, "thread" | "text">} change
   */
  #look({ thread, text }) {
    if (this.#kept(thread) === text) this.#unkept.delete(thread);
    else this.#unkept.set(thread, text);
  }
}

/** @param {string} owner a username */
export function wipeDrafts(owner) {
  for (const key of local.keys(prefix(owner))) local.remove(key);
}
