import { byId } from "../lib/dom.js";

/** @import { Place, Places } from "./places.js" */
/** @typedef {Place & { thread: string | null, left?: () => void }} Left left: called when one is back there */

/** The places that one has left by a jump, in any thread, and the button and the key that lead back to them. */
export class WayBack {
  /** @type {Left[]} */
  #left = [];

  /**
   * @param {object} parts
   * @param {() => Places} parts.places of the open thread
   * @param {() => string | null} parts.open the open thread
   * @param {(thread: string | null) => void} parts.travel opens another
   */
  constructor({ places, open, travel }) {
    this.places = places;
    this.open = open;
    this.travel = travel;
    this.button = byId("way-back");
    this.button.addEventListener("click", () => this.back());
    // Whatever opened later closes first: it has taken the key for itself.
    addEventListener("keydown", (event) => {
      const taken = event.defaultPrevented || event.isComposing || document.querySelector("dialog:modal");
      if (event.key !== "Escape" || taken || !this.#left.length) return;
      event.preventDefault();
      this.back();
    });
  }

  /**
   * Goes to a message of any thread; the place that is left is remembered.
   * @param {string} thread
   * @param {number} seq
   * @param {{ left?: () => void, again?: boolean }} [how] again: the next of several, and the first place counts
   */
  async go(thread, seq, { left, again = false } = {}) {
    const open = this.open();
    const here = open === null ? { seq: null, offset: 0, part: "" } : this.places().here;
    if (thread !== open) this.travel(thread);
    const arrived = await this.places().go(seq);
    if (!again && (arrived !== false || thread !== open)) this.#left.push({ ...here, thread: open, left });
    this.update();
  }

  /** Back to the last place, which stays the last one where it cannot be loaded. */
  async back() {
    const place = this.#left.pop();
    if (!place) return;
    place.left?.();
    this.update();
    if (place.thread !== this.open()) this.travel(place.thread);
    const isBack = place.thread === null || (await this.places().back(place));
    if (!isBack) this.#left.push({ ...place, left: undefined });
    this.update();
  }

  /** @param {() => void} left */
  has(left) {
    return this.#left.some((place) => place.left === left);
  }

  /**
   * Forgets places: of one kind, or all.
   * @param {() => void} [left]
   */
  clear(left) {
    const gone = this.#left.filter((place) => !left || place.left === left);
    this.#left = this.#left.filter((place) => !gone.includes(place));
    for (const place of gone) place.left?.();
    this.update();
  }

  /** Call it when the log has scrolled: who is back needs no way there. */
  update() {
    const isBack = (/** @type {Left | undefined} */ place) =>
      place && !place.left && place.thread === this.open() && this.places().isSeen(place.seq);
    while (isBack(this.#left.at(-1))) this.#left.pop();
    this.button.hidden = this.#left.length === 0;
  }
}
