const STUCK_MS = 5000;

/** @import { Tabs } from "./tabs.js" */

/** Whether this tab is the one of the tabs that sends. It takes that over from one that does not get on with it. */
export class Lead {
  held = false;
  #tabs;
  /** @type {number | null} a timer */
  #watch = null;

  /** @param {Tabs} tabs */
  constructor(tabs) {
    this.#tabs = tabs;
  }

  /**
   * Takes the lead when it is free.
   * @param {() => void} changed called whenever this tab has got or lost it
   */
  seek(changed) {
    this.#tabs.whenLeading((leads) => {
      this.held = leads;
      changed();
    });
  }

  /**
   * This tab could send: it takes over if something waits still after a while in which nothing was sent.
   * @param {() => boolean} isWaiting
   */
  watch(isWaiting) {
    this.#watch ??= setTimeout(() => {
      this.#watch = null;
      if (!this.held && isWaiting()) this.#tabs.takeLead();
    }, STUCK_MS);
  }

  /** Something was sent, or this tab cannot send: the wait starts over. */
  unwatch() {
    clearTimeout(this.#watch ?? undefined);
    this.#watch = null;
  }
}
