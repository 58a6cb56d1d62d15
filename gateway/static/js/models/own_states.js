import { Emitter } from "../lib/emitter.js";
import * as api from "../net/api.js";
import { serverNow } from "../net/skew.js";

/** @import { Patch } from "./own_state.js" */
/** @import { Store } from "./store.js" */

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** @typedef {Pick<typeof api, "changeState" | "threadState">} Calls */

/**
 * Changes what one keeps about threads for oneself: at once in this page, and taken back where the server refuses.
 * @extends {Emitter<{ failed: { thread: string, error: unknown } }>}
 */
export class OwnStates extends Emitter {
  /** @type {Map<string, Promise<void>>} the last call of each thread: one waits for the other */
  #calls = new Map();
  /** @type {Map<string, number>} timers */
  #mutes = new Map();
  /** @type {string | null} the thread that was opened last */
  #open = null;
  #connected = false;

  /**
   * @param {object} parts
   * @param {Store} parts.store
   * @param {(thread: string, seq: number) => boolean} parts.sendRead false: not connected
   * @param {Calls} [parts.calls]
   */
  constructor({ store, sendRead, calls = api }) {
    super();
    this.store = store;
    this.sendRead = sendRead;
    this.calls = calls;
    store.on("state", (username) => {
      this.#endMark(username);
      this.#awaitSound(username);
    });
  }

  /**
   * @param {string} username
   * @param {Wire.ChangeState} patch what is changed; null or false: taken back
   */
  change(username, patch) {
    const { own, head, last_message } = this.store.thread(username);
    const will = { ...patch, archived_through: last_message?.seq ?? head };
    if (patch.marked_unread) own.ending = false;
    own.begin(will);
    this.#drawn(username);
    const before = this.#calls.get(username) ?? Promise.resolve();
    const call = before.then(() => this.#send(username, patch, will));
    this.#calls.set(username, call);
    return call;
  }

  /** There is a connection, and the inbox has told about its threads. */
  connected() {
    this.#connected = true;
    this.#look();
  }

  /** @param {string} username somebody opened the thread */
  open(username) {
    this.#open = username;
    this.seen(username);
    this.#look();
  }

  /** Asks for what is kept of the open thread if nothing told of it: nobody has written there yet, or not lately. */
  #look() {
    const username = this.#open;
    if (username === null || !this.#connected || this.store.thread(username).own.told) return;
    const told = this.calls.threadState(username).then((state) => this.store.state(username, state));
    told.catch(console.warn);
  }

  /**
   * It is read, or somebody says so: it is marked unread no more.
   * @param {string} username
   */
  seen(username) {
    const { own } = this.store.thread(username);
    if (own.told && !own.isMarked) return;
    own.ending = true;
    this.#endMark(username);
    this.store.changed(username);
  }

  /**
   * @param {string} username
   * @param {Wire.ChangeState} patch
   * @param {Patch} will expected
   */
  async #send(username, patch, will) {
    const { own } = this.store.thread(username);
    try {
      this.store.state(username, await this.calls.changeState(username, patch));
    } catch (error) {
      this.emit("failed", { thread: username, error });
    } finally {
      own.end(will);
      this.#drawn(username);
    }
  }

  /**
   * A read that moves nothing ends the mark.
   * @param {string} username
   */
  #endMark(username) {
    const { own, read } = this.store.thread(username);
    if (own.ending && own.kept.marked_unread) this.sendRead(username, read);
  }

  /** @param {string} username */
  #drawn(username) {
    this.#awaitSound(username);
    this.store.changed(username);
  }

  /**
   * It is drawn once more when it is muted no longer.
   * @param {string} username
   */
  #awaitSound(username) {
    clearTimeout(this.#mutes.get(username));
    const until = this.store.thread(username).own.mutedUntil;
    const wait = (until ?? 0) - serverNow();
    if (wait < 0 || wait > LONGEST_TIMER_MS) return;
    const timer = setTimeout(() => this.store.changed(username), wait + 1);
    this.#mutes.set(username, timer);
  }
}
