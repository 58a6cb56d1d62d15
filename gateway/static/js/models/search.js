import { Emitter } from "../lib/emitter.js";
import * as api from "../net/api.js";
import { applied } from "./changes.js";

/** @import { Store } from "./store.js" */

const PAGE = 30;

/**
 * Messages that hold some words, newest first, in one thread or in all. Emits "change".
 * @extends {Emitter<{ change: undefined }>}
 */
export class Search extends Emitter {
  query = "";
  /** @type {string | null} the thread that is searched; null: all of them */
  thread = null;
  /** @type {Wire.Message[]} */
  hits = [];
  /** @type {"nothing" | "searching" | "found" | "failed"} nothing: nothing is asked for */
  state = "nothing";
  /** @type {unknown} why it failed */
  problem = null;
  /** @type {Wire.Message | null} the hit that somebody is at */
  at = null;
  /** @type {string | null} a cursor */
  #next = null;
  /** @type {AbortController | null} */
  #request = null;

  /** @param {Store} store */
  constructor(store) {
    super();
    store.on("change", (frame) => this.#change((hit) => (hit.thread === frame.thread ? applied(hit, frame) : hit)));
  }

  get more() {
    return this.#next !== null;
  }

  /**
   * Searches anew. What was found before is shown until the answer comes.
   * @param {string} query
   * @param {string | null} thread
   */
  async ask(query, thread) {
    this.forget(this.hits);
    this.query = query.trim();
    this.thread = thread;
    if (this.query) await this.#load();
    else this.forget();
  }

  /** Loads the next page, if there is one and nothing else is under way. */
  async next() {
    if (this.#next && this.state === "found") await this.#load(this.#next);
  }

  /** Tries once more what failed. */
  async again() {
    if (this.state === "failed") await this.#load(this.#next ?? undefined);
  }

  /** @param {Wire.Message[]} [hits] what is kept of them */
  forget(hits = []) {
    this.#request?.abort();
    this.#request = null;
    this.#next = null;
    this.hits = hits;
    this.at = null;
    this.query = "";
    this.state = "nothing";
    this.emit("change");
  }

  /** @param {Wire.Message} hit */
  choose(hit) {
    this.at = hit;
    this.emit("change");
  }

  /** Where among the hits the one is that somebody is at. */
  get place() {
    return this.hits.findIndex(({ thread, seq }) => thread === this.at?.thread && seq === this.at.seq);
  }

  /**
   * The hit so many further back in time, loaded where it must be; null if there is none, or somebody is elsewhere by
   * then.
   * @param {1 | -1} by
   */
  async step(by) {
    const { at } = this;
    if (this.placeBy(by) >= this.hits.length) await (this.state === "failed" ? this.again() : this.next());
    return (at === this.at && this.hits[this.placeBy(by)]) || null;
  }

  /**
   * Where that one is, or would be. The hit that somebody is at may be deleted by now: it stood between two others.
   * @param {1 | -1} by
   */
  placeBy(by) {
    const { at, place, hits } = this;
    if (place >= 0 || !at) return place + by;
    const newer = hits.filter(({ sent_at }) => Date.parse(sent_at) > Date.parse(at.sent_at)).length;
    return by > 0 ? newer : newer - 1;
  }

  /** @param {string} [cursor] of a further page */
  async #load(cursor) {
    this.#request = new AbortController();
    const { signal } = this.#request;
    this.state = "searching";
    this.emit("change");
    try {
      const query = { q: this.query, with: this.thread ?? undefined, cursor, limit: PAGE };
      const { messages, next } = await api.search(query, signal);
      if (signal.aborted) return;
      this.hits = cursor ? [...this.hits, ...messages] : messages;
      this.#next = next;
      this.state = "found";
    } catch (error) {
      if (signal.aborted) return;
      if (!cursor) this.hits = [];
      this.problem = error;
      this.state = "failed";
    }
    this.emit("change");
  }

  /** @param {(hit: Wire.Message) => Wire.Message} change */
  #change(change) {
    const hits = this.hits.map(change);
    if (hits.every((hit, index) => hit === this.hits[index])) return;
    this.hits = hits.filter(({ deleted_at }) => !deleted_at);
    this.emit("change");
  }
}
