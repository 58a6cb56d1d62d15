// The relay passes on one every 3 s; a little longer than that, so that none arrives early and is dropped.
const EVERY_MS = 3100;

/** Tells that somebody types: at once, and again while they go on. */
export class TypingNotice {
  #at = -Infinity;
  /** @type {number | null} */
  #timer = null;
  #tell;

  /** @param {() => void} tell called at most every 3 s */
  constructor(tell) {
    this.#tell = tell;
  }

  /** Something was typed. */
  notice() {
    const wait = this.#at + EVERY_MS - performance.now();
    if (wait > 0) {
      this.#timer ??= setTimeout(() => {
        this.#timer = null;
        this.notice();
      }, wait);
      return;
    }
    this.#at = performance.now();
    this.#tell();
  }

  /** Nobody types any more. */
  stop() {
    clearTimeout(this.#timer ?? undefined);
    this.#timer = null;
  }

  /** Somebody else is told from now on. */
  reset() {
    this.stop();
    this.#at = -Infinity;
  }
}
