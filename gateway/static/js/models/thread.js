import { serverNow } from "../net/skew.js";
import { applied, fromFrame, isChange } from "./changes.js";
import { Delivered } from "./delivered.js";
import { OwnState } from "./own_state.js";
import { Quoted } from "./quoted.js";
import { Runs } from "./runs.js";

/** @import { Durable } from "../net/socket.js" */
/** @import { ChangeFrame } from "./changes.js" */

const TYPING_MS = 5000;

/**
 * One thread as this page knows it: its summary for the inbox, and the messages held of it. Until `loaded` there are
 * none; from then on there is a gapless run of the log that ends at the cursor, and there may be one far above it.
 */
export class Thread {
  online = false;
  /** @type {string | null} */
  last_seen = null;
  head = 0;
  read = 0;
  peer_read = 0;
  delivered = new Delivered();
  unread = 0;
  /** @type {Wire.Message | null} */
  last_message = null;
  /** @type {string | null} where there is no message: when something else came last */
  last_at = null;
  typing_until = 0;
  /** The head according to the last welcome, and whether the summary needs a fresh row of the inbox. */
  told = 0;
  doubtful = false;

  own = new OwnState();

  loaded = false;
  quoted = new Quoted();
  runs = new Runs();

  /** @type {number[]} seqs */
  #unreadSince = [];

  /**
   * @param {string} username
   * @param {string} me
   */
  constructor(username, me) {
    this.username = username;
    this.me = me;
    this.display_name = username;
  }

  get exists() {
    return this.head > 0;
  }

  get stale() {
    return this.doubtful || this.told > this.head;
  }

  get muted() {
    return this.own.isMuted(serverNow());
  }

  /** "always", "until-new", or null: it is in the list. */
  get archived() {
    return this.own.archived(this.last_message?.seq ?? 0);
  }

  /** Nothing in it calls for anybody. */
  get quiet() {
    return this.muted || this.archived !== null;
  }

  /** What is shown of it. */
  get messages() {
    return this.runs.shown.messages;
  }

  /** Those shown, where they are not the newest. */
  get far() {
    return this.runs.far;
  }

  /** From where on what is seen counts as read; Infinity: something before it was never shown. */
  get readFrom() {
    return this.far && this.far.from > this.read + 1 ? Infinity : this.read;
  }

  /** Whether `messages` starts with the first message there is. */
  get complete() {
    return this.runs.shown.from <= 1;
  }

  /**
   * A row of GET /api/threads. Frames may have run ahead of it.
   * @param {Wire.ThreadItem} row
   */
  applyRow(row) {
    this.display_name = row.display_name;
    const unread = row.read < this.read ? Math.min(row.unread, Math.max(0, row.head - this.read)) : row.unread;
    this.read = Math.max(this.read, row.read);
    this.applyPeerRead(row.peer_read);
    this.delivered.take(row);
    if (row.last_message) this.delivered.receive([row.last_message], this.me);
    this.#unreadSince = this.#unreadSince.filter((seq) => seq > row.head);
    this.unread = unread + this.#unreadSince.length;
    if (row.head >= this.head) {
      this.head = row.head;
      this.last_message = row.last_message ?? this.last_message;
      this.last_at = row.last_at ?? null;
    }
    this.doubtful &&= row.head < this.told;
    this.#recount();
    this.own.take(row.state);
  }

  /**
   * A thread's state in a welcome.
   * @param {Wire.ThreadState} state
   */
  applyWelcome(state) {
    this.display_name = state.display_name;
    this.online = state.online;
    this.last_seen = state.last_seen;
    this.applyPeerRead(state.peer_read);
    this.delivered.take(state);
    this.told = state.head;
    this.applyRead(state.read);
    if (state.state) this.own.take(state.state); // a long welcome leaves some out
  }

  /**
   * The next message or event of the log, in order.
   * @param {Durable} frame
   */
  apply(frame) {
    this.doubtful ||= !this.loaded && frame.seq > this.head + 1;
    if (frame.type === "message") this.#applyMessage(fromFrame(frame));
    else if (isChange(frame)) this.#applyChange(frame);
    else this.last_at = frame.sent_at;
    this.head = Math.max(this.head, frame.seq);
  }

  /** @param {Wire.Message} message */
  #applyMessage(message) {
    const mine = message.sender === this.me;
    if (this.loaded) this.runs.arrived(message);
    if (!mine) this.typing_until = 0;
    this.delivered.receive([message], this.me);
    if (message.seq <= this.head) return;
    this.last_message = message;
    if (mine || message.seq <= this.read) return;
    this.unread += 1;
    this.#unreadSince.push(message.seq);
  }

  /** @param {ChangeFrame} frame */
  #applyChange(frame) {
    const { target } = frame.body;
    this.runs.change(target, (message) => applied(message, frame));
    if (this.last_message) this.last_message = applied(this.last_message, frame);
    this.quoted.change(target, (message) => applied(message, frame));
  }

  /**
   * The message at `seq`, if it is held or quoted.
   * @param {number} seq
   */
  find(seq) {
    return this.runs.find(seq) ?? this.quoted.get(seq);
  }

  /**
   * The same, and it stays when the messages around it are let go.
   * @param {number} seq
   */
  hold(seq) {
    const message = this.find(seq);
    if (message) this.quoted.take([message]);
    return message;
  }

  /**
   * The newest page of the history, read in one snapshot with `head` and `read`.
   * @param {Wire.Messages & { complete: boolean }} page
   */
  applyNewest({ messages, quoted, head, read, complete }) {
    this.runs.newest(messages, complete);
    this.loaded = true;
    this.quoted.take(quoted);
    this.delivered.receive(messages, this.me);
    if (head >= this.head) {
      this.head = head;
      this.last_message = messages.at(-1) ?? this.last_message;
    }
    this.read = Math.max(this.read, read);
    // At least the ones held here, until a row of the inbox has counted them all.
    if (!this.#recount()) this.unread = Math.max(this.unread, this.#unreadHeld());
  }

  /**
   * The page of messages before the run that is shown.
   * @param {number} before where that began
   * @param {Pick<Wire.Messages, "messages" | "quoted"> & { complete: boolean }} page
   */
  applyOlder(before, { messages, quoted, complete }) {
    this.runs.older(before, messages, complete);
    this.quoted.take(quoted);
    this.#recount();
  }

  /**
   * What a message held answers.
   * @param {number} seq
   * @param {Wire.Message | undefined} message what was found nearest to there
   */
  applyQuoted(seq, message) {
    if (message?.seq === seq) this.quoted.take([message]);
    else this.quoted.takeNone(seq);
  }

  /** The history belongs to another log; none of it counts. */
  forget() {
    this.head = this.read = this.peer_read = this.unread = this.told = 0;
    this.last_message = null;
    this.runs = new Runs();
    this.quoted = new Quoted();
    this.delivered = new Delivered();
    this.loaded = this.doubtful = false;
    this.#unreadSince = [];
    this.own = new OwnState();
  }

  /**
   * I have read up to seq, here or elsewhere. False when that is nothing new.
   * @param {number} seq
   */
  applyRead(seq) {
    if (seq <= this.read) return false;
    this.read = seq;
    this.#unreadSince = this.#unreadSince.filter((later) => later > seq);
    this.unread = seq >= this.head ? 0 : Math.min(this.unread, this.head - seq);
    this.doubtful ||= !this.#recount() && this.unread > 0;
    return true;
  }

  /** @param {number} seq */
  applyPeerRead(seq) {
    this.peer_read = Math.max(this.peer_read, seq);
    this.delivered.toPeer(seq);
  }

  /** @param {number} now */
  applyTyping(now) {
    this.typing_until = now + TYPING_MS;
  }

  /** Counts what is unread, if the messages held reach back to the read position; else false. */
  #recount() {
    if (!this.loaded || this.runs.live.from > this.read + 1) return false;
    this.unread = this.#unreadHeld();
    return true;
  }

  #unreadHeld() {
    const { messages } = this.runs.live;
    let unread = 0;
    for (let at = messages.length - 1; at >= 0 && messages[at].seq > this.read; at -= 1) {
      if (messages[at].sender !== this.me) unread += 1;
    }
    // Frames that the history has not caught up with have been counted already.
    const last = messages.at(-1)?.seq ?? 0;
    return unread + this.#unreadSince.filter((seq) => seq > last).length;
  }
}
