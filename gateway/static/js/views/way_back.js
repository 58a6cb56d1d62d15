import { byId } from "../lib/dom.js";

/** @import { Scroller } from "./scroller.js" */

const SHOWN_MS = 2000;

/** Leads from a quote to its message, however far back that is; and from there back, by a button over the log. */
export class WayBack {
  /** @type {string[]} ids of messages from which somebody went elsewhere */
  #from = [];

  /**
   * @param {object} parts
   * @param {HTMLElement} parts.log
   * @param {HTMLElement} parts.list
   * @param {Scroller} parts.scroller
   * @param {(seq: number) => Promise<boolean>} parts.reach loads as far back as that; whether it is there
   * @param {(words: string) => void} parts.say
   */
  constructor({ log, list, scroller, reach, say }) {
    this.log = log;
    this.list = list;
    this.scroller = scroller;
    this.reach = reach;
    this.say = say;
    this.button = byId("way-back");
    this.button.addEventListener("click", () => this.#back());
  }

  /**
   * @param {HTMLElement} quote
   * @param {number} seq
   */
  async follow(quote, seq) {
    const from = /** @type {HTMLElement | null} */ (quote.closest("li"))?.dataset.seq;
    if (!(await this.reach(seq))) {
      this.say("That message could not be loaded.");
      return;
    }
    const node = this.#node(String(seq));
    if (!node) return;
    if (from) this.#from.push(from);
    this.#show(node, node.querySelector(".message-actions:not([hidden])"));
  }

  /** Another thread, or its end: there is no way back to speak of. */
  clear() {
    this.#from = [];
    this.update();
  }

  /** Call it when the log has scrolled: who is back needs no way there. */
  update() {
    while (this.#from.length && this.#isSeen(this.#from.at(-1) ?? "")) this.#from.pop();
    this.button.hidden = this.#from.length === 0;
  }

  #back() {
    const node = this.#node(this.#from.pop() ?? "");
    if (node) this.#show(node, node.querySelector(".quote"));
    else this.log.focus({ preventScroll: true });
    this.update();
  }

  /**
   * Brings it into sight, and marks it for a moment.
   * @param {HTMLElement} node
   * @param {HTMLElement | null} target of the focus
   */
  #show(node, target) {
    this.scroller.toNode(node);
    (target ?? this.log).focus({ preventScroll: true });
    node.classList.add("found");
    setTimeout(() => node.classList.remove("found"), SHOWN_MS);
    this.update();
  }

  /**
   * @param {string} seq
   * @returns {HTMLElement | null}
   */
  #node(seq) {
    return this.list.querySelector(`.message[data-seq="${seq}"]`);
  }

  /** @param {string} seq */
  #isSeen(seq) {
    const node = this.#node(seq);
    if (!node) return true;
    const [log, own] = [this.log.getBoundingClientRect(), node.getBoundingClientRect()];
    return own.bottom > log.top && own.top < log.bottom;
  }
}
