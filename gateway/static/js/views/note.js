import { byId, setAttributes } from "../lib/dom.js";

const SAID_MS = 3000;
const PROBLEM_MS = 6000;

/** A few words over the end of the log about what somebody has just done, seen and read out; they go by themselves. */
export class Note {
  /** @type {number | undefined} */
  #timer;

  constructor() {
    this.node = byId("note");
  }

  /** @param {string} words */
  say(words) {
    this.#show(words, "note", SAID_MS);
  }

  /**
   * Why it could not be done.
   * @param {string} words
   */
  complain(words) {
    this.#show(words, "note problem", PROBLEM_MS);
  }

  clear() {
    clearTimeout(this.#timer);
    this.node.replaceChildren();
  }

  /**
   * The words are new to a screen reader, also when they are the same as before.
   * @param {string} words
   * @param {string} kind
   * @param {number} ms
   */
  #show(words, kind, ms) {
    this.clear();
    setAttributes(this.node, { class: kind });
    this.node.append(words);
    this.#timer = setTimeout(() => this.clear(), ms);
  }
}
