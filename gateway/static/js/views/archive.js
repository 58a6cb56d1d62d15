import { byId, hidden, setText } from "../lib/dom.js";

/** @import { Inbox } from "../models/inbox.js" */
/** @import { Store } from "../models/store.js" */

/** The way from the list of chats to those that are archived, and back. */
export class Archive {
  isOpen = false;

  /**
   * @param {object} parts
   * @param {Store} parts.store
   * @param {Inbox} parts.archived fetched when they are wanted
   * @param {() => void} parts.onSwitch the other list is to be shown
   */
  constructor({ store, archived, onSwitch }) {
    this.store = store;
    this.archived = archived;
    this.onSwitch = onSwitch;
    this.button = byId("archive-open");
    this.back = byId("archive-back");
    this.title = byId("inbox-title");
    this.nothing = byId("inbox-nothing");
    this.button.addEventListener("click", () => this.#show(true));
    this.back.addEventListener("click", () => this.#show(false));
    byId("inbox").addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.isOpen && !event.defaultPrevented) this.#show(false);
    });
  }

  get #threads() {
    return this.store.all.filter(({ archived }) => archived !== null);
  }

  get count() {
    return this.#threads.length;
  }

  draw() {
    const threads = this.#threads;
    const unread = threads.filter(({ unread, own }) => unread || own.isMarked).length;
    this.button.hidden = this.isOpen || !threads.length;
    setText(byId("archive-words"), `Archived (${threads.length})`);
    const badge = byId("archive-badge");
    badge.hidden = !unread;
    badge.replaceChildren(String(unread), hidden(` ${unread === 1 ? "chat" : "chats"} with something unread`));
  }

  /** @param {boolean} nothing the list is empty */
  drawNothing(nothing) {
    this.nothing.hidden = !nothing || (!this.isOpen && !this.count);
    setText(this.nothing, this.isOpen ? "No chat is archived." : "All of your chats are archived.");
  }

  /** @param {boolean} open */
  #show(open) {
    this.isOpen = open;
    this.back.hidden = !open;
    setText(this.title, open ? "Archived" : "Chats");
    if (open) this.archived.refresh().catch(console.warn);
    this.onSwitch();
    const target = open ? this.back : this.button.hidden ? this.title : this.button;
    target.focus({ preventScroll: true });
  }
}
