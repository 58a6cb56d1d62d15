const LONG_MS = 500;
const TWICE_MS = 400;
const MOVED_PX = 10;

/** What fingers do with bubbles: a long press opens the menu, two taps (or clicks) are a heart. */
export class MessageGestures {
  /** @type {{ x: number, y: number, timer: number } | null} a finger that may become a long press */
  #press = null;
  #wasLong = false;
  /** @type {{ bubble: Element | null, at: number }} */
  #tap = { bubble: null, at: -Infinity };

  /**
   * @param {object} parts
   * @param {HTMLElement} parts.list
   * @param {(bubble: HTMLElement) => void} parts.onLongPress
   * @param {(bubble: HTMLElement) => void} parts.onTwice
   */
  constructor({ list, onLongPress, onTwice }) {
    this.onLongPress = onLongPress;
    this.onTwice = onTwice;
    list.addEventListener("pointerdown", (event) => this.#down(event), { passive: true });
    list.addEventListener("pointermove", (event) => this.#moved(event), { passive: true });
    for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => this.#end(), { passive: true });
    // Lifting the finger is no click: that would take the focus, and close the menu.
    const lifted = (/** @type {Event} */ event) => this.#wasLong && event.preventDefault();
    list.addEventListener("touchend", lifted, { passive: false });
    // The browser's own menu for a long press would cover ours.
    list.addEventListener("contextmenu", (event) => {
      const byFinger = event instanceof PointerEvent ? event.pointerType === "touch" : this.#press !== null;
      if (byFinger && bubbleOf(event)) event.preventDefault();
    });
    list.addEventListener("click", (event) => this.#clicked(event));
  }

  /** @param {PointerEvent} event */
  #down(event) {
    this.#end();
    this.#wasLong = false;
    const bubble = bubbleOf(event);
    if (event.pointerType !== "touch" || !event.isPrimary || !bubble) return;
    const timer = setTimeout(() => {
      this.#press = null;
      this.#wasLong = true;
      this.onLongPress(bubble);
    }, LONG_MS);
    this.#press = { x: event.clientX, y: event.clientY, timer };
  }

  /** @param {PointerEvent} event */
  #moved({ clientX, clientY }) {
    if (this.#press && Math.hypot(clientX - this.#press.x, clientY - this.#press.y) > MOVED_PX) this.#end();
  }

  #end() {
    clearTimeout(this.#press?.timer);
    this.#press = null;
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const bubble = bubbleOf(event);
    const at = performance.now();
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
 * @returns {HTMLElement | null}
 */
function bubbleOf({ target }) {
  if (!(target instanceof Element) || target.closest("a, button")) return null;
  return target.closest(".bubble");
}
