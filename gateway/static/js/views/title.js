import { scheduled } from "../lib/schedule.js";

/** The page's title and icon: how much is unread, and with whom one talks. */
export class TitleView {
  #open = null;

  constructor({ store }) {
    this.store = store;
    this.icon = document.querySelector("link[rel=icon]");
    this.hrefs = { read: this.icon.href, unread: new URL(this.icon.dataset.unreadHref, location.href).href };
    this.draw = scheduled(() => this.#draw());
    store.on("inbox", this.draw);
  }

  open(username) {
    this.#open = username;
    this.#draw();
  }

  #draw() {
    const { unread } = this.store;
    const name = this.#open ? `${this.store.thread(this.#open).display_name} – Duet` : "Duet";
    const title = unread ? `(${unread}) ${name}` : name;
    if (document.title !== title) document.title = title;
    const href = unread ? this.hrefs.unread : this.hrefs.read;
    if (this.icon.href !== href) this.icon.href = href;
  }
}
