// What was typed but not sent: one text a thread, the same in every tab and, a moment later, on every device. Here it
// survives a reload.

import { Emitter } from "../lib/emitter.js";
import { local } from "../lib/storage.js";
import { codePoints, MAX_CODE_POINTS } from "../lib/text.js";
import * as api from "../net/api.js";
import * as record from "./draft_record.js";

/** @import { Draft, DraftRecord } from "./draft_record.js" */
/** @import { Store } from "./store.js" */
/** @import { Tabs } from "./tabs.js" */
/** @typedef {{ thread: string, before: string, text: string, reply_to?: number }} Change */
/** @typedef {Pick<typeof api, "threadState" | "changeState">} Calls */

const QUIET_MS = 1000;
const RETRY_MS = 10_000;
const STALE = 409;
const TOO_MANY = 429;
const OUR_FAULT = 500;

/** @param {string} owner a username */
const prefix = (owner) => `duet:draft:${owner}:`;

/**
 * Emits what another tab or device changed in a draft, and the thread in which there is another draft to decide about.
 * @extends {Emitter<{ change: Change, other: string }>}
 */
export class Drafts extends Emitter {
  #tabs;
  #store;
  #calls;
  /** @type {Map<string, DraftRecord>} by thread, where the browser had no room: until the page ends */
  #unkept = new Map();
  /** @type {Map<string, number>} timers of what is to be saved */
  #due = new Map();
  /** @type {Set<string>} */
  #saving = new Set();
  /** @type {Map<string, Draft | null>} what the server will never take */
  #refused = new Map();
  #resting = false;

  /**
   * @param {object} parts
   * @param {Store} parts.store
   * @param {Pick<Tabs, "on" | "tell">} parts.tabs
   * @param {Calls} [parts.calls]
   */
  constructor({ store, tabs, calls = api }) {
    super();
    this.prefix = prefix(store.me);
    this.#store = store;
    this.#tabs = tabs;
    this.#calls = calls;
    tabs.on("draft", (change) => this.#told(change));
    store.on("state", (username) => this.#take(username));
    store.on("forgotten", () => this.#forget());
  }

  /**
   * @param {string} thread
   * @returns {Draft}
   */
  get(thread) {
    return this.#get(thread);
  }

  /**
   * The draft that stands elsewhere, or stood here. theirs: another device's.
   * @param {string} thread
   */
  other(thread) {
    const { other, theirs = false } = this.#get(thread);
    return other && { ...other, theirs };
  }

  /** @param {Change} change */
  change({ thread, before, text, reply_to }) {
    this.#set({ ...this.#get(thread), text, reply_to }, { thread, before });
    // What is gone has been sent, or was taken back: no other device is to send it once more.
    this.#schedule(thread, text ? QUIET_MS : 0);
  }

  /** @param {string} thread takes the other draft; this one is the other from now on */
  swap(thread) {
    this.#put(thread, record.swapped(this.#get(thread)));
  }

  /** @param {string} thread keeps this draft alone */
  decide(thread) {
    this.#put(thread, record.decided(this.#get(thread)));
  }

  /** Saves at once what waits for a pause: nobody types it any more. */
  now() {
    for (const [thread, timer] of [...this.#due]) {
      clearTimeout(timer);
      this.#save(thread);
    }
  }

  /** There is a connection: saves what was written without one. */
  again() {
    for (const thread of this.#threads) this.#schedule(thread);
  }

  get #threads() {
    const kept = local.keys(this.prefix).map((key) => key.slice(this.prefix.length));
    return new Set([...kept, ...this.#unkept.keys()]);
  }

  /**
   * Whether nothing is kept or saved any more: the person leaves, and what is asked for from now on may be asked for in
   * somebody else's name.
   * @param {boolean} resting
   */
  rest(resting) {
    this.#resting = resting;
  }

  /**
   * @param {string} thread
   * @param {DraftRecord} after
   */
  #put(thread, after) {
    const { text: before } = this.#get(thread);
    this.#set(after, { thread, before });
    this.emit("change", { thread, before, text: after.text, reply_to: after.reply_to });
    this.emit("other", thread);
    this.#schedule(thread);
  }

  /**
   * @param {string} thread
   * @returns {DraftRecord}
   */
  #get(thread) {
    return this.#unkept.get(thread) ?? this.#kept(thread);
  }

  /**
   * @param {DraftRecord} after
   * @param {{ thread: string, before: string }} of
   */
  #set(after, { thread, before }) {
    this.#keep(thread, after);
    const { text, reply_to } = after;
    this.#tabs.tell("draft", { thread, before, text, reply_to });
  }

  /**
   * @param {string} thread
   * @param {DraftRecord} after
   */
  #keep(thread, after) {
    if (this.#resting) return;
    const words = JSON.stringify(after);
    if (record.isNothing(after)) local.remove(this.prefix + thread);
    else local.set(this.prefix + thread, words);
    if (JSON.stringify(this.#kept(thread)) === words || record.isNothing(after)) this.#unkept.delete(thread);
    else this.#unkept.set(thread, after);
  }

  /** @param {string} thread */
  #kept(thread) {
    return record.parsed(local.get(this.prefix + thread) ?? "");
  }

  /**
   * Another tab changed it. Where the browser had no room for that, it is held here.
   * @param {Change} change
   */
  #told(change) {
    const { thread, text, reply_to } = change;
    const kept = this.#kept(thread);
    if (kept.text === text && kept.reply_to === reply_to) this.#unkept.delete(thread);
    else this.#unkept.set(thread, { ...this.#get(thread), text, reply_to });
    this.emit("change", change);
    this.emit("other", thread);
  }

  /**
   * The server has said what it keeps.
   * @param {string} thread
   */
  #take(thread) {
    const before = this.#get(thread);
    const { draft = null, revision } = this.#store.thread(thread).own.kept;
    const after = record.merged(before, draft, revision);
    if (!record.isNothing(after) || !record.isNothing(before)) this.#keep(thread, after);
    if (after.text !== before.text || after.reply_to !== before.reply_to)
      this.emit("change", { thread, before: before.text, text: after.text, reply_to: after.reply_to });
    if (after.other !== before.other || after.theirs !== before.theirs) this.emit("other", thread);
    this.#schedule(thread);
  }

  /** The server's log is another one, and what it says of drafts is from before. */
  #forget() {
    for (const thread of this.#threads) this.#keep(thread, { ...this.#get(thread), revision: 0 });
  }

  /** @param {string} thread */
  #schedule(thread, afterMs = QUIET_MS) {
    clearTimeout(this.#due.get(thread));
    this.#due.delete(thread);
    if (!record.isUnsaved(this.#get(thread)) || this.#resting) return;
    this.#due.set(
      thread,
      setTimeout(() => this.#save(thread), afterMs),
    );
  }

  /** @param {string} thread */
  async #save(thread) {
    this.#due.delete(thread);
    const now = this.#get(thread);
    const draft = record.kept(now);
    if (this.#resting || this.#saving.has(thread) || !record.isUnsaved(now) || !this.#isFit(thread, draft)) return;
    this.#saving.add(thread);
    try {
      // It says what this is to take the place of.
      if (this.#store.thread(thread).own.told) await this.#send(thread, draft);
      else await this.#look(thread);
    } catch (error) {
      this.#failed(thread, draft, error);
    } finally {
      this.#saving.delete(thread);
    }
    if (!this.#due.has(thread)) this.#schedule(thread);
  }

  /**
   * @param {string} thread
   * @param {Draft | null} draft
   */
  async #send(thread, draft) {
    const { revision } = this.#store.thread(thread).own.kept;
    this.#keep(thread, record.sending(this.#get(thread), draft, revision));
    this.#store.state(thread, await this.#calls.changeState(thread, { draft, revision }));
  }

  /** @param {string} thread */
  async #look(thread) {
    this.#store.state(thread, await this.#calls.threadState(thread));
  }

  /**
   * Nobody knows whether what got no answer arrived; the state will tell.
   * @param {string} thread
   * @param {Draft | null} draft
   * @param {unknown} error
   */
  #failed(thread, draft, error) {
    const status = api.statusOf(error);
    if (status === null || status === TOO_MANY || status >= OUR_FAULT) {
      this.#schedule(thread, RETRY_MS);
      return;
    }
    this.#keep(thread, record.refused(this.#get(thread), draft));
    if (status === STALE) this.#look(thread).catch(console.warn);
    else this.#refused.set(thread, draft);
  }

  /**
   * Whether the server may take it: it is not too long, and was not refused before.
   * @param {string} thread
   * @param {Draft | null} draft
   */
  #isFit(thread, draft) {
    const refused = this.#refused.get(thread);
    if (refused !== undefined && record.same(refused, draft)) return false;
    return draft === null || codePoints(draft.text) <= MAX_CODE_POINTS;
  }
}
