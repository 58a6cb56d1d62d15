import { isPicture } from "../lib/attached.js";
import { byId, one, setAttributes, setText } from "../lib/dom.js";
import { full } from "../lib/time.js";
import { addressOf, sourceOf } from "./attachments.js";
import { Zoom } from "./zoom.js";

/** @import { Item } from "./items.js" */
/** @import { Context } from "./message.js" */
/** @typedef {{ key: string, source: string, download: string | null, name: string, alt: string, about: string, width: number, height: number }} Photo */

const SWIPE_PX = 60;

/**
 * All photos of what the log shows, in order.
 * @param {Item[]} items
 * @param {Context} context
 * @returns {Photo[]}
 */
function photosOf(items, { files, names }) {
  return items.flatMap((item) => {
    if (item.kind !== "message") return [];
    const about = `${names[item.sender] ?? item.sender}, ${full(item.time)}`;
    return item.files.flatMap((file, place) => {
      const source = sourceOf(file, files);
      const { id, upload, name, alt = "", width = 1, height = 1 } = file;
      const download = upload === undefined ? addressOf(id) : null;
      const photo = { key: `${item.key} ${place}`, source: source ?? "", download, name, alt, about, width, height };
      return isPicture(file) && source ? [photo] : [];
    });
  });
}

/** One photo at a time, as large as the page; it can be made larger, and the others are beside it. */
export class Viewer {
  /** @type {Photo[]} */
  #photos = [];
  #at = 0;
  /** @type {Element | null} */
  #opener = null;

  constructor() {
    this.dialog = byId("viewer", HTMLDialogElement);
    this.picture = byId("viewer-picture", HTMLImageElement);
    this.words = byId("viewer-words");
    this.about = byId("viewer-about");
    this.place = byId("viewer-place");
    this.download = byId("viewer-download", HTMLAnchorElement);
    this.older = byId("viewer-older", HTMLButtonElement);
    this.newer = byId("viewer-newer", HTMLButtonElement);
    this.zoom = new Zoom(one(this.dialog, ".viewer-stage"), this.picture, (swiped) => this.#swiped(swiped));
    this.older.addEventListener("click", () => this.#go(-1));
    this.newer.addEventListener("click", () => this.#go(1));
    byId("viewer-close").addEventListener("click", () => this.dialog.close());
    byId("viewer-zoom").addEventListener("click", () => this.zoom.toggle());
    this.dialog.addEventListener("keydown", (event) => this.#key(event));
    this.dialog.addEventListener("close", () => this.#closed());
  }

  /**
   * Shows a photo, beside all others of the items.
   * @param {Item[]} items
   * @param {Context} context
   * @param {string} key of the photo
   */
  show(items, context, key) {
    this.#photos = photosOf(items, context);
    this.#at = this.#photos.findIndex((photo) => photo.key === key);
    if (this.#at < 0) return;
    this.#opener = document.activeElement;
    this.#draw();
    this.dialog.showModal();
    this.picture.focus();
  }

  #closed() {
    this.picture.removeAttribute("src");
    if (this.#opener instanceof HTMLElement) this.#opener.focus({ preventScroll: true });
  }

  #draw() {
    const { source, download, name, alt, about, width, height } = this.#photos[this.#at];
    this.zoom.reset();
    setAttributes(this.picture, { width, height, alt: alt || "Photo", src: source });
    setText(this.words, alt);
    setText(this.about, about);
    const count = this.#photos.length;
    setText(this.place, count > 1 ? `Photo ${this.#at + 1} of ${count}` : "");
    this.download.hidden = download === null;
    setAttributes(this.download, { href: download, download: name });
    setAttributes(this.older, { "aria-disabled": String(this.#at === 0) });
    setAttributes(this.newer, { "aria-disabled": String(this.#at === count - 1) });
  }

  /** @param {-1 | 1} by */
  #go(by) {
    const to = this.#at + by;
    if (!this.#photos[to]) return;
    this.#at = to;
    this.#draw();
  }

  /** @param {{ x: number, y: number }} way */
  #swiped({ x, y }) {
    if (Math.abs(y) > Math.abs(x) && y > SWIPE_PX) this.dialog.close();
    else if (Math.abs(x) > SWIPE_PX) this.#go(x < 0 ? 1 : -1);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const { key } = event;
    if (key === "ArrowLeft") this.#go(-1);
    else if (key === "ArrowRight") this.#go(1);
    else if (key === "+" || key === "=") this.zoom.by(1.5);
    else if (key === "-") this.zoom.by(1 / 1.5);
    else if (key === "0") this.zoom.reset();
    else return;
    event.preventDefault();
  }
}
