import { isAttended, onAttention } from "../lib/attention.js";

/** Where the divider above what is unread stands in the open thread. after: a seq; null for none. */
export class UnreadDivider {
  /** @type {number | null} */
  after = null;
  /** Whether I have written since the thread was opened: everything above counts as read. */
  answered = false;
  /** Whether something has arrived since somebody last looked at the page. */
  #missed = false;

  constructor() {
    onAttention(() => {
      if (isAttended()) this.#missed = false;
    });
  }

  reset() {
    this.after = null;
    this.answered = false;
    this.#missed = false;
  }

  answer() {
    this.after = null;
    this.answered = true;
  }

  /**
   * The peer wrote.
   * @param {number} read how far I have read
   */
  arrived(read) {
    if (isAttended() || this.#missed) return;
    this.#missed = true;
    this.after = read;
  }
}
