import { Emitter } from "../lib/emitter.js";
import { Thread } from "./thread.js";

/**
 * Every thread this page knows, by the peer's username. Emits
 *   thread  the username of one that changed
 *   rows    rows of the inbox, as they were fetched
 *   inbox   when rows came, went or changed places
 *   arrived a new message, once it is applied
 */
export class Store extends Emitter {
  #threads = new Map();

  constructor(me) {
    super();
    this.me = me;
  }

  /** The thread with `username`, made when nothing is known of it yet. */
  thread(username) {
    if (!this.#threads.has(username)) this.#threads.set(username, new Thread(username, this.me));
    return this.#threads.get(username);
  }

  get all() {
    return [...this.#threads.values()];
  }

  get unread() {
    return this.all.reduce((sum, thread) => sum + thread.unread, 0);
  }

  /** Whether the inbox must be fetched to know the summaries. */
  get stale() {
    return this.all.some((thread) => thread.stale);
  }

  /** What the user list or a page says of a person. */
  person({ username, display_name, online, last_seen }) {
    const thread = this.thread(username);
    thread.display_name = display_name;
    if (online !== undefined) Object.assign(thread, { online, last_seen });
    this.changed(username);
    return thread;
  }

  rows(rows) {
    for (const row of rows) this.thread(row.username).applyRow(row);
    for (const { username } of rows) this.emit("thread", username);
    this.emit("inbox");
    this.emit("rows", rows);
  }

  welcome(threads) {
    for (const [username, state] of Object.entries(threads)) {
      this.thread(username).applyWelcome(state);
      this.emit("thread", username);
    }
    this.emit("inbox");
  }

  /** A durable frame in order. True when nobody has said yet what the peer is called. */
  apply(frame) {
    const thread = this.thread(frame.thread);
    const stranger = !thread.exists;
    thread.apply(frame);
    this.changed(frame.thread);
    if (frame.type === "message") this.emit("arrived", frame);
    return stranger;
  }

  read(username, seq) {
    const news = this.thread(username).applyRead(seq);
    if (news) this.changed(username);
    return news;
  }

  peerRead(username, seq) {
    this.thread(username).applyPeerRead(seq);
    this.changed(username);
  }

  typing(username, now = Date.now()) {
    const thread = this.thread(username);
    thread.applyTyping(now);
    this.changed(username);
    setTimeout(() => this.changed(username), thread.typing_until - now + 1);
  }

  presence(username, online, lastSeen) {
    Object.assign(this.thread(username), { online, last_seen: lastSeen ?? this.thread(username).last_seen });
    if (!online) this.thread(username).typing_until = 0;
    this.changed(username);
  }

  forget() {
    for (const thread of this.all) thread.forget();
    for (const { username } of this.all) this.emit("thread", username);
    this.emit("inbox");
  }

  changed(username) {
    this.emit("thread", username);
    this.emit("inbox");
  }
}
