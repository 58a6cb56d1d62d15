import { fromPath, linked, path } from "../lib/address.js";

/**
 * @typedef {object} Move
 * @property {number} before the number of the entry that is left
 * @property {number} at that of the entry that is shown now
 * @property {number | null} seq the message to which a jump led when it was made
 */

/** This page's entries of the browser's history, numbered: the thread that is open, or a place in it that a jump led to. */
export class Trail {
  /** @type {number} the entry that is shown */
  at = window.history.state?.at ?? 0;
  #address = location.href;

  /** @param {(move: Move) => void} onMoved the browser went to another entry */
  constructor(onMoved) {
    addEventListener("popstate", ({ state }) => {
      const before = this.at;
      const { at, seq } = state ?? this.#adopted();
      this.at = at;
      this.#address = location.href;
      onMoved({ before, at, seq });
    });
  }

  /**
   * @param {string | null} username
   * @param {number | null} [seq]
   */
  push(username, seq = null) {
    this.at += 1;
    window.history.pushState({ at: this.at, seq }, "", path(username));
    this.#address = location.href;
  }

  /**
   * @param {string | null} username
   * @param {number | null} [seq]
   */
  replace(username, seq = null) {
    window.history.replaceState({ at: this.at, seq }, "", path(username));
    this.#address = location.href;
  }

  /** @param {number} at */
  back(at) {
    window.history.go(at - this.at);
  }

  /** Somebody went to a place within the page by its address, which made an entry of its own, unless they were there. */
  #adopted() {
    const at = location.href === this.#address ? this.at : this.at + 1;
    const entry = { at, seq: linked() || null };
    window.history.replaceState(entry, "", entry.seq ? path(fromPath()) : location.href);
    return entry;
  }
}
