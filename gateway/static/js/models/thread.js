import { applied, fromFrame, isChange } from "./changes.js";

/** @import { Durable } from "../net/socket.js" */
/** @import { ChangeFrame } from "./changes.js" */

const TYPING_MS = 5000;

/**
 * One thread as this page knows it: its summary for the inbox, and the messages loaded so far. Until
 * `loaded` there are no messages; from then on they are a gapless run of the log that ends at the cursor.
 */
export class Thread {
  online = false;
  /** @type {string | null} */
  last_seen = null;
  head = 0;
  read = 0;
  peer_read = 0;
  unread = 0;
  /** @type {Wire.Message | null} */
  last_message = null;
  typing_until = 0;
  /** The head according to the last welcome, and whether the summary needs a fresh row of the inbox. */
  told = 0;
  doubtful = false;

  /** @type {Wire.Message[]} */
  messages = [];
  loaded = false;
  /** @type {Map<number, Wire.Message | null>} what messages held answer, by seq; null: there is none */
  quoted = new Map();
  /** Whether `messages` starts with the first message there is. */
  complete = false;

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

  /**
   * A row of GET /api/threads. Frames may have run ahead of it.
   * @param {Wire.ThreadItem} row
   */
  applyRow(row) {
    this.display_name = row.display_name;
    this.read = Math.max(this.read, row.read);
    this.peer_read = Math.max(this.peer_read, row.peer_read);
    this.#unreadSince = this.#unreadSince.filter((seq) => seq > row.head);
    this.unread = row.unread + this.#unreadSince.length;
    if (row.head >= this.head) {
      this.head = row.head;
      this.last_message = row.last_message ?? this.last_message;
    }
    this.doubtful &&= row.head < this.told;
    this.#recount();
  }

  /**
   * A thread's state in a welcome.
   * @param {Wire.ThreadState} state
   */
  applyWelcome(state) {
    this.display_name = state.display_name;
    this.online = state.online;
    this.last_seen = state.last_seen;
    this.peer_read = Math.max(this.peer_read, state.peer_read);
    this.told = state.head;
    this.applyRead(state.read);
  }

  /**
   * The next message or event of the log, in order.
   * @param {Durable} frame
   */
  apply(frame) {
    this.doubtful ||= !this.loaded && frame.seq > this.head + 1;
    if (frame.type === "message") this.#applyMessage(fromFrame(frame));
    else if (isChange(frame)) this.#applyChange(frame);
    this.head = Math.max(this.head, frame.seq);
  }

  /** @param {Wire.Message} message */
  #applyMessage(message) {
    const mine = message.sender === this.me;
    if (this.loaded && message.seq > (this.messages.at(-1)?.seq ?? 0)) this.messages.push(message);
    if (!mine) this.typing_until = 0;
    if (message.seq <= this.head) return;
    this.last_message = message;
    if (mine || message.seq <= this.read) return;
    this.unread += 1;
    this.#unreadSince.push(message.seq);
  }

  /** @param {ChangeFrame} frame */
  #applyChange(frame) {
    const { target } = frame.body;
    const at = this.#indexOf(target);
    if (at >= 0) this.messages[at] = applied(this.messages[at], frame);
    if (this.last_message) this.last_message = applied(this.last_message, frame);
    const quoted = this.quoted.get(target);
    if (quoted) this.quoted.set(target, applied(quoted, frame));
  }

  /**
   * The message at `seq`, if it is held or quoted.
   * @param {number} seq
   */
  find(seq) {
    return this.messages[this.#indexOf(seq)] ?? this.quoted.get(seq) ?? null;
  }

  /**
   * The newest page of the history, read in one snapshot with `head` and `read`.
   * @param {Wire.Messages & { complete: boolean }} page
   */
  applyNewest({ messages, quoted, head, read, complete }) {
    this.messages = messages;
    this.complete = complete;
    this.loaded = true;
    this.#quote(quoted);
    if (head >= this.head) {
      this.head = head;
      this.last_message = messages.at(-1) ?? this.last_message;
    }
    this.read = Math.max(this.read, read);
    // At least the ones held here, until a row of the inbox has counted them all.
    if (!this.#recount()) this.unread = Math.max(this.unread, this.#unreadHeld());
  }

  /**
   * A page of messages before the first one here.
   * @param {Pick<Wire.Messages, "messages" | "quoted"> & { complete: boolean }} page
   */
  applyOlder({ messages, quoted, complete }) {
    this.messages = [...messages, ...this.messages];
    this.complete = complete;
    this.#quote(quoted);
    this.#recount();
  }

  /** @param {Wire.Message[]} messages */
  #quote(messages) {
    for (const message of messages) {
      if (message.version >= (this.quoted.get(message.seq)?.version ?? 0)) this.quoted.set(message.seq, message);
    }
  }

  /**
   * What a message held answers.
   * @param {number} seq
   * @param {Wire.Message | undefined} message what was found nearest to there
   */
  applyQuoted(seq, message) {
    if (message?.seq === seq) this.#quote([message]);
    else this.quoted.set(seq, null);
  }

  /** The history belongs to another log; none of it counts. */
  forget() {
    this.head = this.read = this.peer_read = this.unread = this.told = 0;
    this.last_message = null;
    this.messages = [];
    this.quoted.clear();
    this.loaded = this.complete = this.doubtful = false;
    this.#unreadSince = [];
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
  }

  /** @param {number} now */
  applyTyping(now) {
    this.typing_until = now + TYPING_MS;
    this.online = true;
  }

  /**
   * Where the message at `seq` is among those held, or -1.
   * @param {number} seq
   */
  #indexOf(seq) {
    let from = 0;
    let to = this.messages.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if (this.messages[middle].seq < seq) from = middle + 1;
      else to = middle;
    }
    return this.messages[from]?.seq === seq ? from : -1;
  }

  /** Counts what is unread, if the messages held reach back to the read position; else false. */
  #recount() {
    const covered = this.loaded && (this.complete || (this.messages[0]?.seq ?? Infinity) <= this.read + 1);
    if (!covered) return false;
    this.unread = this.#unreadHeld();
    return true;
  }

  #unreadHeld() {
    let unread = 0;
    for (let at = this.messages.length - 1; at >= 0 && this.messages[at].seq > this.read; at -= 1) {
      if (this.messages[at].sender !== this.me) unread += 1;
    }
    // Frames that the history has not caught up with have been counted already.
    const last = this.messages.at(-1)?.seq ?? 0;
    return unread + this.#unreadSince.filter((seq) => seq > last).length;
  }
}
