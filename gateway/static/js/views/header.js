import { avatar } from "../lib/avatar.js";
import { byId, setText } from "../lib/dom.js";
import { scheduled } from "../lib/schedule.js";
import { lastSeen } from "../lib/time.js";

const REFRESH_MS = 30_000;

/** Who the open thread is with, and whether they are here or typing. */
export class HeaderView {
  #thread = null;

  constructor({ store }) {
    this.store = store;
    this.draw = scheduled(() => this.#draw());
    store.on("thread", (username) => username === this.#thread?.username && this.draw());
    setInterval(() => this.#thread && this.draw(), REFRESH_MS);
  }

  open(username) {
    this.#thread = username === null ? null : this.store.thread(username);
    this.#draw();
  }

  #draw() {
    if (!this.#thread) return;
    const { username, display_name, online, last_seen, typing_until } = this.#thread;
    const typing = typing_until > Date.now();
    byId("peer-avatar").replaceChildren(avatar(username, display_name));
    setText(byId("peer-name"), display_name);
    setText(byId("peer-status"), typing ? "typing…" : online ? "online" : (lastSeen(last_seen) ?? `@${username}`));
    byId("peer-status").className = typing ? "status typing" : online ? "status online" : "status";
  }
}
