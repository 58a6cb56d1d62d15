const CLICK_WITHIN_MS = 100; // a finger's comes so long behind its end
const LONGEST_MS = 5000; // whatever became of its end: what has come is shown

/**
 * Whether a link or a button in a part of the page is pressed: what is drawn anew meanwhile, or moves, would take the
 * press away.
 */
export class Pressed {
  /** @type {AbortController | null} of the listeners for its end */
  #down = null;
  #timer = 0;

  /**
   * @param {HTMLElement} part
   * @param {() => void} onEnd when it is no more, and was a click or will be none
   */
  constructor(part, onEnd) {
    this.onEnd = onEnd;
    part.addEventListener("pointerdown", ({ target }) => isPressable(target) && this.#begin(), { passive: true });
  }

  get is() {
    return this.#down !== null;
  }

  #begin() {
    this.#down?.abort();
    this.#down = new AbortController();
    const { signal } = this.#down;
    for (const kind of ["pointerup", "pointercancel", "blur"])
      addEventListener(kind, () => this.#endIn(CLICK_WITHIN_MS), { signal, passive: true });
    addEventListener("click", () => this.#end(), { signal, passive: true, capture: true });
    this.#endIn(LONGEST_MS);
  }

  /** @param {number} ms */
  #endIn(ms) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#end(), ms);
  }

  #end() {
    clearTimeout(this.#timer);
    this.#down?.abort();
    this.#down = null;
    this.onEnd();
  }
}

/** @param {EventTarget | null} target */
const isPressable = (target) => target instanceof Element && target.closest("a, button, [role=button]") !== null;
