import { fromPath } from "../lib/address.js";
import { byId } from "../lib/dom.js";

/** @import { Place, Places } from "./places.js" */
/** @import { Move, Trail } from "./trail.js" */
/**
 * @typedef {object} Of
 * @property {string | null} thread
 * @property {number} at the entry of the browser's history that was left with it
 * @property {boolean} [going] the jump from there has not arrived yet
 * @property {boolean} [done] nobody needs a button for it: they are there again, or wanted to stay where they were led
 * @property {() => void} [left] called when one is back there
 */
/** @typedef {Place & Of} Left */

/**
 * The places that one has left by a jump, in any thread, and what leads back to them: the browser's Back, and a button
 * and a key that do the same.
 */
export class WayBack {
  /** @type {Left[]} */
  #left = [];
  /** Whether the browser is on its way back. */
  #returning = false;

  /**
   * @param {object} parts
   * @param {() => Places} parts.places of the open thread
   * @param {() => string | null} parts.open the open thread
   * @param {(thread: string | null) => void} parts.show opens another
   * @param {() => void} parts.closeDialogs
   * @param {Trail} parts.trail
   */
  constructor({ places, open, show, closeDialogs, trail }) {
    this.places = places;
    this.open = open;
    this.show = show;
    this.closeDialogs = closeDialogs;
    this.trail = trail;
    this.button = byId("way-back");
    this.button.addEventListener("click", () => this.back());
    // Whatever opened later closes first: it has taken the key for itself.
    addEventListener("keydown", (event) => {
      const taken = event.defaultPrevented || event.isComposing || document.querySelector("dialog:modal");
      if (event.key !== "Escape" || taken || !this.#last) return;
      event.preventDefault();
      this.back();
    });
  }

  /**
   * Goes to a message of any thread; the place that is left is remembered. As `Places.go`.
   * @param {string} thread
   * @param {number} seq
   * @param {{ left?: () => void, again?: boolean }} [how] again: the next of several, and the first place counts
   */
  async go(thread, seq, { left, again = false } = {}) {
    const open = this.open();
    const place = { ...this.#here, going: true, left };
    if (!again) this.#leave(place);
    if (!again) this.trail.push(thread, seq);
    else if (thread !== open) this.trail.replace(thread, seq);
    if (thread !== open) this.show(thread);
    const arrived = await this.places().go(seq);
    place.going = false;
    if (arrived === false && thread === open) this.#left = this.#left.filter((other) => other !== place);
    this.update();
    return arrived;
  }

  /** Back to the last place. */
  back() {
    const place = this.#last;
    if (!place || this.#returning) return;
    this.#returning = place.at < this.trail.at;
    if (this.#returning) this.trail.back(place.at);
    else this.#return(place);
  }

  /**
   * The browser has gone to another entry, back or forward: what was left there comes back, or what a jump led to.
   * @param {Move} move
   */
  async moved({ before, at, seq }) {
    this.#returning = false;
    const [thread, here] = [fromPath(), this.#here];
    const place = this.#left.findLast((left) => left.at === at && left.thread === thread);
    const gone = this.#left.filter((left) => left.at >= at);
    this.#left = this.#left.filter((left) => left.at < at);
    for (const each of gone) each.left?.();
    if (thread !== here.thread) this.show(thread);
    else if (place || seq) this.closeDialogs();
    if (place) await this.#return(place);
    else if (seq && thread !== null) {
      const left = { ...here, at: before, going: true };
      if (at > before) this.#leave(left);
      await this.places().go(seq);
      left.going = false;
    }
    this.update();
  }

  /** @param {() => void} left */
  has(left) {
    return this.#left.some((place) => !place.done && place.left === left);
  }

  /**
   * Leads back no more to places of one kind, or to any: somebody stays where they are, or goes elsewhere.
   * @param {() => void} [left]
   */
  clear(left) {
    for (const place of this.#left) {
      if (place.done || (left && place.left !== left)) continue;
      place.done = true;
      place.left?.();
      place.left = undefined;
    }
    this.update();
  }

  /** Call it when the log has scrolled: who is back needs no way there. */
  update() {
    const isBack = (/** @type {Left | undefined} */ place) =>
      place && !place.going && !place.left && place.thread === this.open() && this.places().isSeen(place.seq);
    for (let last = this.#last; last && isBack(last); last = this.#last) last.done = true;
    this.button.hidden = !this.#last;
  }

  get #last() {
    return this.#left.findLast((place) => !place.done);
  }

  /** @returns {Left} */
  get #here() {
    const thread = this.open();
    const place = thread === null ? { seq: null, offset: 0, part: "" } : this.places().here;
    return { ...place, thread, at: this.trail.at };
  }

  /** @param {Left} place */
  #leave(place) {
    this.#left = [...this.#left.filter(({ at }) => at < place.at), place];
  }

  /**
   * Shows it again. It stays the last one where it cannot be loaded.
   * @param {Left} place
   */
  async #return(place) {
    this.#left = this.#left.filter((other) => other !== place);
    const isBack = place.thread === null || (await this.places().back(place));
    if (!isBack) this.#leave({ ...place, done: false, left: undefined });
    this.update();
  }
}
