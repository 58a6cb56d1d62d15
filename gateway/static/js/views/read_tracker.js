import { isAttended, onAttention } from "../lib/attention.js";

const VISIBLE_MS = 500;

/** Tells how far the peer's messages have been on screen for half a second, while somebody looked at the page. */
export class ReadTracker {
  /** @type {number | null} */
  #timer = null;
  #seen = 0;

  /**
   * @param {object} parts
   * @param {HTMLElement} parts.scroller
   * @param {HTMLElement} parts.list the <ol>
   * @param {() => number} parts.unread the read position
   * @param {(seq: number) => void} parts.onRead called with a higher one
   */
  constructor({ scroller, list, unread, onRead }) {
    this.scroller = scroller;
    this.list = list;
    this.unread = unread;
    this.onRead = onRead;
    const look = () => this.look();
    scroller.addEventListener("scroll", look, { passive: true });
    onAttention(look);
    addEventListener("resize", look, { passive: true });
  }

  /** Call it when the log has changed. */
  look() {
    if (this.#timer || !isAttended()) return;
    this.#seen = this.#visible();
    if (this.#seen <= this.unread()) return;
    this.#timer = setTimeout(() => this.#confirm(), VISIBLE_MS);
  }

  #confirm() {
    this.#timer = null;
    if (isAttended()) {
      const seq = Math.min(this.#seen, this.#visible());
      if (seq > this.unread()) this.onRead(seq);
    }
    this.look();
  }

  reset() {
    clearTimeout(this.#timer ?? undefined);
    this.#timer = null;
  }

  /** The last of the peer's messages whose end is on screen, or which is too long to fit and fills the screen. */
  #visible() {
    const { top, bottom } = this.scroller.getBoundingClientRect();
    if (bottom <= top) return 0;
    const nodes = /** @type {HTMLCollectionOf<HTMLElement>} */ (this.list.children);
    for (let at = nodes.length - 1; at >= 0; at -= 1) {
      const node = nodes[at];
      const seq = Number(node.dataset.seq ?? 0);
      if (!seq || !node.classList.contains("peer")) continue;
      if (seq <= this.unread()) return 0;
      const place = node.getBoundingClientRect();
      if (place.bottom <= bottom + 1 && place.bottom > top) return seq;
      if (place.top <= top && place.bottom >= bottom) return seq;
      if (place.bottom <= top) return seq;
    }
    return 0;
  }
}
