import { avatar } from "../lib/avatar.js";
import { onCalendar } from "../lib/calendar.js";
import { byId, setText } from "../lib/dom.js";
import { look, shared } from "../lib/names.js";
import { scheduled } from "../lib/schedule.js";
import { lastSeen } from "../lib/time.js";

/** @import { Store } from "../models/store.js" */
/** @import { Thread } from "../models/thread.js" */
/** @import { Outage } from "../net/outage.js" */

const REFRESH_MS = 30_000;

/** Who the open thread is with, whether they are here or typing, and the menu of the chat. */
export class HeaderView {
  /** @type {Thread | null} */
  #thread = null;

  /**
   * @param {object} parts
   * @param {string} parts.displayName mine
   * @param {Store} parts.store
   * @param {Outage} parts.outage
   * @param {(button: HTMLElement, username: string) => void} parts.onOptions the menu of the chat is wanted
   */
  constructor({ displayName, store, outage, onOptions }) {
    this.displayName = displayName;
    this.store = store;
    this.outage = outage;
    this.draw = scheduled(() => this.#draw());
    store.on("thread", (username) => username === this.#thread?.username && this.draw());
    outage.on("change", () => this.#thread && this.draw());
    setInterval(() => this.#thread && this.draw(), REFRESH_MS);
    onCalendar(this.draw);
    const options = byId("chat-options", HTMLButtonElement);
    options.addEventListener("click", () => this.#thread && onOptions(options, this.#thread.username));
    options.disabled = false;
  }

  /** @param {string | null} username */
  open(username) {
    this.#thread = username === null ? null : this.store.thread(username);
    this.#draw();
  }

  #draw() {
    if (!this.#thread) return;
    const { username, display_name, online, last_seen, typing_until, muted } = this.#thread;
    byId("peer-muted").hidden = !muted;
    // While disconnected, nobody knows whether the other person is still here.
    const here = online && !this.outage.lost;
    // Who does not show when they are here may show that they type.
    const typing = !this.outage.lost && typing_until > Date.now();
    byId("peer-avatar").replaceChildren(avatar(username, display_name));
    setText(byId("peer-name"), display_name);
    const names = [this.displayName, ...this.store.all.map((thread) => thread.display_name)];
    setText(byId("peer-handle"), shared(names).has(look(display_name)) ? `@${username}` : "");
    const status = byId("peer-status");
    const away = (online ? null : lastSeen(last_seen)) ?? `@${username}`;
    setText(status, typing ? "typing…" : here ? "online" : away);
    status.className = typing ? "status typing" : here ? "status online" : "status";
  }
}
