const LONG_MS = 500;
const MOVED_PX = 10;

/**
 * A finger that stays where it is.
 * @template {HTMLElement} Part
 */
export class LongPress {
  /** @type {{ x: number, y: number, timer: number } | null} a finger that may become a long press */
  #press = null;
  #wasLong = false;

  /**
   * @param {object} parts
   * @param {HTMLElement} parts.list
   * @param {(event: Event) => Part | null} parts.partOf what is pressed; null: nothing that can be
   * @param {(part: Part) => void} parts.onLongPress
   */
  constructor({ list, partOf, onLongPress }) {
    list.addEventListener(
      "pointerdown",
      (event) => {
        const part = partOf(event);
        this.#down(event, part && (() => onLongPress(part)));
      },
      { passive: true },
    );
    list.addEventListener("pointermove", (event) => this.#moved(event), { passive: true });
    for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => this.#end(), { passive: true });
    // Lifting the finger is no click: that would take the focus, and close the menu.
    const lifted = (/** @type {Event} */ event) => this.#wasLong && event.preventDefault();
    list.addEventListener("touchend", lifted, { passive: false });
    // The browser's own menu for a long press would cover ours.
    list.addEventListener("contextmenu", (event) => {
      const byFinger = event instanceof PointerEvent ? event.pointerType === "touch" : this.#press !== null;
      if (byFinger && partOf(event)) event.preventDefault();
    });
  }

  /**
   * @param {PointerEvent} event
   * @param {(() => void) | null} then
   */
  #down(event, then) {
    this.#end();
    this.#wasLong = false;
    if (event.pointerType !== "touch" || !event.isPrimary || !then) return;
    const timer = setTimeout(() => {
      this.#press = null;
      this.#wasLong = true;
      then();
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
}
