import { isApp, showBadge } from "../lib/badge.js";
import { one } from "../lib/dom.js";
import { scheduled } from "../lib/schedule.js";

/** @import { Games } from "../models/games.js" */
/** @import { Store } from "../models/store.js" */

/** Makes the page's title and icon tell how much is unread, and whether a game waits; not of what is quiet. */
export class TitleView {
  #badge = 0;

  /** @param {{ store: Store, games: Games }} models */
  constructor({ store, games }) {
    this.store = store;
    this.games = games;
    this.icon = one(document, "link[rel=icon]", HTMLLinkElement);
    this.hrefs = { read: this.icon.href, unread: new URL(this.icon.dataset.unreadHref ?? "", location.href).href };
    const draw = scheduled(() => this.#draw());
    store.on("inbox", draw);
    games.on("change", draw);
  }

  #draw() {
    const { unread } = this.store;
    const waiting = this.games.waiting((thread) => this.store.thread(thread).quiet);
    const title = [unread ? `(${unread})` : "", waiting ? "Your move ·" : "", "Duet"].filter(Boolean).join(" ");
    if (document.title !== title) document.title = title;
    const href = unread || waiting ? this.hrefs.unread : this.hrefs.read;
    if (this.icon.href !== href) this.icon.href = href;
    if (unread !== this.#badge && isApp()) showBadge(unread);
    this.#badge = unread;
  }
}
