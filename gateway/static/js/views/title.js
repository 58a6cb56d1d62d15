import { scheduled } from "../lib/schedule.js";

/** The page's title and icon tell how much is unread. */
export class TitleView {
  constructor({ store }) {
    this.store = store;
    this.icon = document.querySelector("link[rel=icon]");
    this.hrefs = { read: this.icon.href, unread: new URL(this.icon.dataset.unreadHref, location.href).href };
    store.on("inbox", scheduled(() => this.#draw()));
  }

  #draw() {
    const { unread } = this.store;
    const title = unread ? `(${unread}) Duet` : "Duet";
    if (document.title !== title) document.title = title;
    const href = unread ? this.hrefs.unread : this.hrefs.read;
    if (this.icon.href !== href) this.icon.href = href;
  }
}
