import { Emitter } from "../lib/emitter.js";
import { isChange } from "./changes.js";
import { Thread } from "./thread.js";

/** @import { Durable } from "../net/socket.js" */
/** @import { ChangeFrame } from "./changes.js" */

/** So many threads a welcome names, the latest, where there are more. */
export const FULL_WELCOME = 200;

/**
 * @typedef {object} Events
 * @property {string} thread the username of one that changed
 * @property {Wire.ThreadItem[]} rows of the inbox, as they were fetched
 * @property {undefined} inbox rows came, went or changed places
 * @property {string} state the username of one about which the server said what one keeps for oneself
 * @property {undefined} forgotten the log is another one
 * @property {Wire.MessageFrame} arrived a new message, once it is applied
 * @property {ChangeFrame} change of a message, once it is applied
 */

/**
 * Every thread this page knows, by the peer's username.
 * @extends {Emitter<Events>}
 */
export class Store extends Emitter {
  /** @type {Map<string, Thread>} */
  #threads = new Map();

  /** @param {string} me */
  constructor(me) {
    super();
    this.me = me;
  }

  /**
   * The thread with `username`, made when nothing is known of it yet.
   * @param {string} username
   */
  thread(username) {
    const thread = this.#threads.get(username) ?? new Thread(username, this.me);
    this.#threads.set(username, thread);
    return thread;
  }

  get all() {
    return [...this.#threads.values()];
  }

  /** The messages that call for somebody; a thread that is only marked unread counts as one. */
  get unread() {
    const calling = this.all.filter((thread) => !thread.quiet);
    return calling.reduce((sum, { unread, own }) => sum + (unread || Number(own.isMarked)), 0);
  }

  /** Whether the inbox must be fetched to know the summaries. */
  get stale() {
    return this.all.some((thread) => thread.stale && !thread.archived);
  }

  /** Whether that is so for one that is listed. */
  get staleRow() {
    return this.all.some((thread) => thread.stale && thread.exists && !thread.archived);
  }

  /**
   * What the user list or a page says of a person.
   * @param {Wire.Me & Partial<Wire.UserItem>} person
   */
  person({ username, display_name, online, last_seen }) {
    const thread = this.thread(username);
    thread.display_name = display_name;
    if (online !== undefined) thread.online = online;
    if (last_seen !== undefined) thread.last_seen = last_seen;
    this.changed(username);
    return thread;
  }

  /** @param {Wire.ThreadItem[]} rows */
  rows(rows) {
    for (const row of rows) this.thread(row.username).applyRow(row);
    for (const { username } of rows) this.#told(username);
    this.emit("inbox");
    this.emit("rows", rows);
  }

  /** @param {Record<string, Wire.ThreadState>} threads */
  welcome(threads) {
    const named = Object.entries(threads);
    // It names the latest ones: if all of them are news, older ones may be, too.
    const all =
      named.length < FULL_WELCOME || named.some(([username, { head }]) => this.thread(username).head === head);
    if (!all) for (const thread of this.all) thread.doubtful ||= thread.exists && !(thread.username in threads);
    for (const [username, state] of named) {
      this.thread(username).applyWelcome(state);
      this.#told(username);
    }
    this.emit("inbox");
  }

  /**
   * What one keeps of a thread for oneself.
   * @param {string} username
   * @param {Wire.MemberState} state
   */
  state(username, state) {
    this.thread(username).own.take(state);
    this.#told(username);
    this.emit("inbox");
  }

  /** @param {string} username */
  #told(username) {
    this.emit("state", username);
    this.emit("thread", username);
  }

  /**
   * A durable frame in order. True when nobody has said yet what the peer is called.
   * @param {Durable} frame
   */
  apply(frame) {
    const thread = this.thread(frame.thread);
    const stranger = !thread.exists;
    thread.apply(frame);
    this.changed(frame.thread);
    if (frame.type === "message") this.emit("arrived", frame);
    else if (isChange(frame)) this.emit("change", frame);
    return stranger;
  }

  /**
   * False when that is nothing new.
   * @param {string} username
   * @param {number} seq
   */
  read(username, seq) {
    const news = this.thread(username).applyRead(seq);
    if (news) this.changed(username);
    return news;
  }

  /**
   * @param {string} username
   * @param {number} seq
   */
  peerRead(username, seq) {
    this.thread(username).applyPeerRead(seq);
    this.changed(username);
  }

  /**
   * @param {string} username
   * @param {number} seq
   */
  delivered(username, seq) {
    this.thread(username).delivered.toMe(seq);
    this.changed(username);
  }

  /**
   * @param {string} username
   * @param {number} seq
   */
  peerDelivered(username, seq) {
    this.thread(username).delivered.toPeer(seq);
    this.changed(username);
  }

  /** @param {string} username */
  typing(username, now = Date.now()) {
    const thread = this.thread(username);
    thread.applyTyping(now);
    this.changed(username);
    setTimeout(() => this.changed(username), thread.typing_until - now + 1);
  }

  /**
   * @param {string} username
   * @param {boolean} online
   * @param {string | null} lastSeen null: one of the two does not show it
   */
  presence(username, online, lastSeen) {
    const thread = this.thread(username);
    thread.online = online;
    thread.last_seen = lastSeen;
    if (!online) thread.typing_until = 0;
    this.changed(username);
  }

  forget() {
    for (const thread of this.all) thread.forget();
    this.emit("forgotten");
    for (const { username } of this.all) this.emit("thread", username);
    this.emit("inbox");
  }

  /** @param {string} username */
  changed(username) {
    this.emit("thread", username);
    this.emit("inbox");
  }
}
