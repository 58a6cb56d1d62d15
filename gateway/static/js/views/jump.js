import { byId, setText } from "../lib/dom.js";
import { plural } from "../lib/text.js";

/** @import { Scroller } from "./scroller.js" */

/** The button over the log that leads to its end, and says how much is unread there. */
export class Jump {
  /**
   * @param {HTMLElement} log
   * @param {Scroller} scroller
   * @param {() => void} toEnd
   */
  constructor(log, scroller, toEnd) {
    this.scroller = scroller;
    this.button = byId("jump");
    this.words = byId("jump-words");
    this.button.addEventListener("click", () => {
      log.focus({ preventScroll: true });
      toEnd();
    });
  }

  /** @param {{ placed: boolean, unread: number }} state placed: the log has been scrolled to where it begins */
  draw({ placed, unread }) {
    this.button.hidden = !placed || this.scroller.nearEnd;
    setText(this.words, unread ? plural(unread, "new message", "new messages") : "Newest");
  }
}
