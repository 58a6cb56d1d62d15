import { LongPress } from "./long_press.js";

const TWICE_MS = 400;

/** What fingers do with bubbles: a long press opens the menu, two taps (or clicks) are a heart. */
export class MessageGestures {
  /** @type {{ bubble: Element | null, at: number }} */
  #tap = { bubble: null, at: -Infinity };

  /**
   * @param {object} parts
   * @param {HTMLElement} parts.list
   * @param {(bubble: HTMLElement) => void} parts.onLongPress
   * @param {(bubble: HTMLElement) => void} parts.onTwice
   */
  constructor({ list, onLongPress, onTwice }) {
    this.onTwice = onTwice;
    new LongPress({ list, partOf: pressedOf, onLongPress });
    list.addEventListener("click", (event) => this.#clicked(event));
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const bubble = bubbleOf(event);
    const at = event.timeStamp; // of the finger: a busy page hears of it later
    const twice = bubble !== null && bubble === this.#tap.bubble && at - this.#tap.at < TWICE_MS;
    this.#tap = { bubble: twice ? null : bubble, at };
    if (!twice) return;
    getSelection()?.removeAllRanges(); // two clicks select a word, too
    this.onTwice(bubble);
  }
}

/**
 * The bubble that was meant; not a link or a button in it.
 * @param {Event} event
 */
const bubbleOf = (event) => (event.target instanceof Element && event.target.closest("a") ? null : pressedOf(event));

/**
 * The same, links included: a message may be nothing else.
 * @param {Event} event
 * @returns {HTMLElement | null}
 */
function pressedOf({ target }) {
  if (!(target instanceof Element) || target.closest("button")) return null;
  return target.closest(".bubble");
}
