import { scheduled } from "../lib/schedule.js";

/** The page's title and icon tell how much is unread, and that a game waits. */
export class TitleView {
  constructor({ store, games }) {
    Object.assign(this, { store, games });
    this.icon = document.querySelector("link[rel=icon]");
    this.hrefs = { read: this.icon.href, unread: new URL(this.icon.dataset.unreadHref, location.href).href };
    const draw = scheduled(() => this.#draw());
    store.on("inbox", draw);
    games.on("change", draw);
  }

  #draw() {
    const { unread } = this.store;
    const { waiting } = this.games;
    const title = [unread ? `(${unread})` : "", waiting ? "Your move ·" : "", "Duet"].filter(Boolean).join(" ");
    if (document.title !== title) document.title = title;
    const href = unread || waiting ? this.hrefs.unread : this.hrefs.read;
    if (this.icon.href !== href) this.icon.href = href;
  }
}
